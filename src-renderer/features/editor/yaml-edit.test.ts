import { describe, expect, it } from 'vitest';
import { ref } from 'vue';
import { parse, stringify } from 'yaml';
import type { ApplyOutcome } from '#common/contract/objects';
import type { PilothouseApi } from '#common/contract/contract';
import { failure } from '#common/kube/status-error';
import { objectRef, refOfKind } from '#renderer/resources/shared/object-refs';
import type { Draft, DraftStore } from './drafts';
import { YamlEdit } from './yaml-edit';

const target = objectRef('c', refOfKind('apps/v1', 'Deployment', true), { namespace: 'shop', name: 'web' });

function yamlOf(revision: string, replicas: number): string {
  return stringify({ metadata: { name: 'web', resourceVersion: revision }, spec: { replicas } });
}

/** An edit against a server that answers with what the test puts into `answers`, in turn. */
function editOf(...answers: (ApplyOutcome | Error)[]) {
  const live = ref(yamlOf('10', 2));
  const sent: { yaml: string; dryRun?: boolean | undefined }[] = [];
  const kept = new Map<string, Draft>();
  const drafts: DraftStore = {
    find: ({ name }) => kept.get(name),
    keep: ({ name }, draft) => void kept.set(name, draft),
    drop: ({ name }) => void kept.delete(name),
  };
  const update = async (request: { yaml: string; dryRun?: boolean }) => {
    sent.push({ yaml: request.yaml, dryRun: request.dryRun });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const api = { objects: { update } } as unknown as PilothouseApi;
  const open = () => new YamlEdit({ api, drafts, target, live: () => live.value, write: () => ({}) });
  return { live, sent, kept, open, edit: open() };
}

const accepted: ApplyOutcome = { kind: 'Deployment', name: 'web', outcome: 'configured', warnings: [] };

describe('YamlEdit', () => {
  it('shows the live YAML until editing begins, and the own text from then on', () => {
    const { edit, live } = editOf();
    edit.text.value = 'ignored';
    expect(edit.text.value).toBe(live.value);
    edit.begin();
    live.value = yamlOf('11', 2);
    expect(parse(edit.text.value).metadata.resourceVersion).toBe('10');
    expect(edit.outdated.value).toBe(true);
    expect(edit.dirty.value).toBe(false);
  });

  it('keeps what was typed when the object is left and come back to', () => {
    const { edit, open, kept } = editOf();
    edit.begin();
    edit.text.value = yamlOf('10', 7);
    const again = open();
    expect(again.mode.value).toBe('edit');
    expect(again.text.value).toBe(yamlOf('10', 7));
    again.cancel();
    expect(kept.size).toBe(0);
  });

  it('checks without saving, saves, and goes back to reading', async () => {
    const { edit, sent } = editOf(accepted, accepted);
    edit.begin();
    edit.text.value = yamlOf('10', 7);
    edit.mode.value = 'review';
    await edit.check();
    expect(edit.mode.value).toBe('review');
    await edit.save();
    expect(sent.map(({ dryRun }) => dryRun)).toEqual([true, false]);
    expect(edit.mode.value).toBe('read');
    expect(edit.answer.value).toMatchObject({ to: 'save', says: { kind: 'accepted' } });
  });

  it('marks the fields the server refuses and goes back to editing', async () => {
    const causes = [{ field: 'spec.replicas', message: 'Invalid value: -1' }];
    const { edit } = editOf(failure(422, 'Invalid', 'invalid', { causes }));
    edit.begin();
    edit.text.value = yamlOf('10', -1);
    edit.mode.value = 'review';
    await edit.save();
    expect(edit.mode.value).toBe('edit');
    const [problem] = edit.problems.value;
    expect(edit.text.value.slice(problem!.from, problem!.to)).toBe('-1');
    expect(problem?.message).toBe('spec.replicas: Invalid value: -1');
  });

  it('moves the edits to the newest content after a conflict', async () => {
    const { edit, live, sent } = editOf(failure(409, 'Conflict', 'changed'), accepted);
    edit.begin();
    edit.text.value = yamlOf('10', 7);
    live.value = yamlOf('12', 3);
    await edit.save();
    expect(edit.answer.value?.says.kind).toBe('conflict');
    expect(edit.keepMine()).toBe(true);
    expect(edit.bothChanged.value).toEqual(['spec.replicas']);
    expect(edit.dirty.value).toBe(true);
    await edit.save();
    expect(parse(sent.at(-1)!.yaml)).toEqual(parse(yamlOf('12', 7)));
  });

  it('counts mistakes and does not move edits that cannot be read', () => {
    const { edit } = editOf();
    edit.begin();
    edit.text.value = 'a: [';
    expect(edit.mistakes.value).toBeGreaterThan(0);
    expect(edit.keepMine()).toBe(false);
  });
});
