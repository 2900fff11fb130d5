import { describe, expect, it } from 'vitest';
import { difference, differenceBelow, intersection, pathsOf, union, type FieldSet } from './field-set';

const m = {};
const set = (value: object) => value as FieldSet;

const left = set({
  'f:spec': { '.': m, 'f:a': m, 'f:b': { 'f:c': m }, 'f:list': { 'k:{"name":"x"}': { '.': m, 'f:image': m } } },
  'f:labels': { '.': m, 'f:l': m },
});
const right = set({ 'f:spec': { 'f:a': m, 'f:list': { 'k:{"name":"x"}': m } }, 'f:labels': m, 'f:other': m });

describe('sets of fields', () => {
  it('are joined', () => {
    expect(union(left, right)).toEqual({
      'f:spec': { '.': m, 'f:a': m, 'f:b': { 'f:c': m }, 'f:list': { 'k:{"name":"x"}': { '.': m, 'f:image': m } } },
      'f:labels': { '.': m, 'f:l': m },
      'f:other': m,
    });
    expect(union(left, m)).toBe(left);
    expect(union(m, left)).toBe(left);
  });

  it('are subtracted: a member leaves what is below it', () => {
    expect(difference(left, right)).toEqual({
      'f:spec': { '.': m, 'f:b': { 'f:c': m }, 'f:list': { 'k:{"name":"x"}': { 'f:image': m } } },
      'f:labels': { 'f:l': m },
    });
    expect(difference(left, left)).toEqual(m);
    expect(difference(left, set({ 'f:nothing': m }))).toBe(left);
  });

  it('are subtracted with all that is below', () => {
    expect(differenceBelow(left, right)).toEqual({ 'f:spec': { '.': m, 'f:b': { 'f:c': m } } });
  });

  it('are intersected', () => {
    expect(intersection(left, right)).toEqual({
      'f:spec': { 'f:a': m, 'f:list': { 'k:{"name":"x"}': m } },
      'f:labels': m,
    });
  });

  it('list their paths as messages show them', () => {
    expect(pathsOf(left)).toEqual([
      '.labels',
      '.spec',
      '.labels.l',
      '.spec.a',
      '.spec.b.c',
      '.spec.list[name="x"]',
      '.spec.list[name="x"].image',
    ]);
    expect(pathsOf(set({ 'f:p': { 'k:{"port":80,"protocol":"TCP"}': m, 'v:"a"': m, 'i:0': m } }))).toEqual([
      '.p[0]',
      '.p[port=80,protocol="TCP"]',
      '.p[="a"]',
    ]);
  });
});
