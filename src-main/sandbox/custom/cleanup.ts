/** Deletes the objects of a CustomResourceDefinition that is being deleted, then lets it go. */
import type { CustomResourceDefinition } from '#common/kube/types';
import { isConflict, isNotFound } from '#common/kube/status-error';
import type { Registry } from '#main/sandbox/registry/generic';
import { draftOf } from '#main/sandbox/registry/object-state';
import type { Admission, AdmissionAttributes, WriteRequest } from '#main/sandbox/registry/registry-context';
import { forbidden } from '#main/sandbox/registry/status-errors';
import { CLEANUP_FINALIZER } from './definition-status';

/** Admission of objects whose definition may be on its way out: nothing is made any more then. */
export function guardedAdmission(admission: Admission, isLeaving: () => boolean): Admission {
  const refuse = ({ operation, group, plural, name }: AdmissionAttributes): void => {
    if (operation !== 'CREATE' || !isLeaving()) return;
    throw forbidden({ group, plural }, name, 'create not allowed while custom resource definition is terminating');
  };
  return {
    mutate(attributes) {
      refuse(attributes);
      return admission.mutate(attributes);
    },
    validate: (attributes) => admission.validate(attributes),
  };
}

export interface Cleanup {
  definitions: Registry;
  instances: Registry;
}

/** Resolves when the definition is released, or when the store closes. */
export async function cleanUp(
  { metadata }: CustomResourceDefinition,
  { definitions, instances }: Cleanup,
): Promise<void> {
  const { collection } = instances;
  const watcher = collection.watch({ from: '', to: '\uffff' }, Math.max(collection.compacted, 0));
  try {
    await deleteAll(instances);
    while (collection.size > 0 && !watcher.ended) {
      watcher.take();
      if (collection.size > 0) await watcher.ready();
    }
    if (collection.size === 0) await release(definitions, metadata.name);
  } finally {
    watcher.end();
  }
}

async function deleteAll(instances: Registry): Promise<void> {
  for (const { object } of instances.collection.list()) {
    const { namespace = '', name } = object.metadata;
    await unlessGone(() => instances.delete(name, {}, requestIn(namespace)));
  }
}

async function release(definitions: Registry, name: string): Promise<void> {
  const request = { ...requestIn(''), isPatch: true, subresource: 'status' };
  await unlessGone(() =>
    definitions.update(
      name,
      (current) => {
        if (!current) throw new Error(`${name} is gone`);
        const draft = draftOf(current);
        draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((one) => one !== CLEANUP_FINALIZER);
        return draft;
      },
      request,
    ),
  );
}

/** Somebody else may be faster. */
async function unlessGone(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (problem) {
    if (!isNotFound(problem) && !isConflict(problem)) throw problem;
  }
}

function requestIn(namespace: string): WriteRequest {
  return {
    user: { name: 'system:apiserver', groups: ['system:masters'] },
    dryRun: false,
    fieldManager: 'kube-apiserver',
    subresource: '',
    namespace,
  };
}
