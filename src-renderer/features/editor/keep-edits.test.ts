import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { keepEdits } from './keep-edits';

const base = `metadata:
  name: web
  resourceVersion: "10"
  labels: { app: web }
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: nginx
          image: nginx:1.28
        - name: log
          image: fluent:3
      args: [a, b]
`;

/** The three texts as plain data, edited by `edit`. */
function edited(edit: (tree: any) => void): string {
  const tree = parse(base);
  edit(tree);
  return JSON.stringify(tree);
}

function kept(mine: (tree: any) => void, theirs: (tree: any) => void) {
  const result = keepEdits(base, edited(mine), edited(theirs));
  return { tree: parse(result?.yaml ?? ''), bothChanged: result?.bothChanged };
}

const containers = (tree: any) => tree.spec.template.spec.containers;

describe('keepEdits', () => {
  it('puts an edit on what others changed meanwhile, at the newest revision', () => {
    const { tree, bothChanged } = kept(
      (mine) => (mine.spec.replicas = 5),
      (theirs) => {
        theirs.metadata.resourceVersion = '12';
        theirs.metadata.labels.team = 'shop';
      },
    );
    expect(tree.spec.replicas).toBe(5);
    expect(tree.metadata).toEqual({ name: 'web', resourceVersion: '12', labels: { app: 'web', team: 'shop' } });
    expect(bothChanged).toEqual([]);
  });

  it('names what both changed and keeps the own value', () => {
    const { tree, bothChanged } = kept(
      (mine) => (mine.spec.replicas = 5),
      (theirs) => (theirs.spec.replicas = 9),
    );
    expect(tree.spec.replicas).toBe(5);
    expect(bothChanged).toEqual(['spec.replicas']);
  });

  it('matches containers by name even when their order changed', () => {
    const { tree, bothChanged } = kept(
      (mine) => (containers(mine)[0].image = 'nginx:1.29'),
      (theirs) => {
        containers(theirs).reverse();
        containers(theirs)[0].image = 'fluent:4';
      },
    );
    expect(containers(tree)).toEqual([
      { name: 'log', image: 'fluent:4' },
      { name: 'nginx', image: 'nginx:1.29' },
    ]);
    expect(bothChanged).toEqual([]);
  });

  it('adds and removes named items', () => {
    const { tree } = kept(
      (mine) => {
        containers(mine).splice(1, 1);
        containers(mine).push({ name: 'new', image: 'x' });
      },
      (theirs) => (theirs.spec.replicas = 3),
    );
    expect(containers(tree).map((container: { name: string }) => container.name)).toEqual(['nginx', 'new']);
  });

  it('replaces a list without names as a whole', () => {
    const { tree, bothChanged } = kept(
      (mine) => (mine.spec.template.spec.args = ['c']),
      (theirs) => (theirs.spec.template.spec.args = ['a', 'b', 'x']),
    );
    expect(tree.spec.template.spec.args).toEqual(['c']);
    expect(bothChanged).toEqual(['spec.template.spec.args']);
  });

  it('removes what was removed, and does not mind when it is gone already', () => {
    const remove = (tree: any) => delete tree.metadata.labels;
    const { tree, bothChanged } = kept(remove, remove);
    expect(tree.metadata.labels).toBeUndefined();
    expect(bothChanged).toEqual([]);
  });

  it('keeps texts that look like something else quoted', () => {
    const { tree } = kept(
      (mine) => (mine.metadata.labels.switch = 'on'),
      (theirs) => (theirs.spec.replicas = 3),
    );
    expect(tree.metadata.labels.switch).toBe('on');
    const result = keepEdits(
      base,
      edited((mine) => (mine.metadata.labels.switch = 'on')),
      base,
    );
    expect(result?.yaml).toContain('"on"');
  });

  it('gives up on text that cannot be read', () => {
    expect(keepEdits(base, 'a: [', base)).toBeUndefined();
  });
});
