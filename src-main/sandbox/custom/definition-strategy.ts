/** CustomResourceDefinitions: accepted and established as they are written, and held while objects of theirs are left. */
import type { CustomResourceDefinition } from '#common/kube/types';
import { CustomResourceDefinitions } from '#common/kube/resources';
import { timeNow } from '#main/sandbox/registry/creation-time';
import { defineStrategy, type Strategy } from '#main/sandbox/registry/strategy';
import type { Clock } from '#common/base/clock';
import { validateDefinition, validateDefinitionUpdate } from './definition-rules';
import {
  CLEANUP_FINALIZER,
  newStatus,
  statusOf,
  storedVersionsOf,
  withCondition,
  type TakenNames,
} from './definition-status';

/** Told about every state of every definition, those read from disk among them. */
export interface DefinitionListener {
  defined(definition: CustomResourceDefinition): void;
  withdrawn(definition: CustomResourceDefinition): void;
}

export function definitionStrategy(clock: Clock, listener: DefinitionListener): Strategy {
  const names = new NamesInUse();
  const learn = (definition: CustomResourceDefinition): void => {
    names.learn(definition);
    listener.defined(definition);
  };
  return defineStrategy<CustomResourceDefinition>({
    resource: CustomResourceDefinitions,
    countsGenerations: true,
    needsRevision: true,
    deletesItself: true,
    prepareForCreate(draft) {
      draft.status = newStatus(draft);
    },
    validate: validateDefinition,
    update: {
      prepare(next) {
        if (next.status) next.status = { ...next.status, storedVersions: storedVersionsOf(next) };
      },
    },
    validateUpdate: validateDefinitionUpdate,
    subresources: { status: { takesMetadata: true } },
    holdsDeletion: ({ metadata }) => !metadata.deletionTimestamp,
    prepareForDelete(draft) {
      markForDeletion(draft, timeNow(clock));
    },
    reaction: {
      manager: 'kube-apiserver',
      status: (definition) =>
        definition.metadata.deletionTimestamp
          ? undefined
          : statusOf(definition, names.besides(definition), timeNow(clock)),
    },
    afterCreate: learn,
    afterUpdate: learn,
    afterDelete(definition) {
      names.forget(definition);
      listener.withdrawn(definition);
    },
  });
}

function markForDeletion(draft: CustomResourceDefinition, time: string): void {
  const finalizers = draft.metadata.finalizers ?? [];
  if (finalizers.includes(CLEANUP_FINALIZER)) return;
  draft.metadata.finalizers = [...finalizers, CLEANUP_FINALIZER];
  draft.status = {
    ...draft.status,
    conditions: withCondition(draft.status?.conditions ?? [], {
      type: 'Terminating',
      status: 'True',
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
      lastTransitionTime: time,
    }),
  };
}

/** The accepted names of every definition, by its own name. */
class NamesInUse {
  readonly #definitions = new Map<string, CustomResourceDefinition>();

  learn(definition: CustomResourceDefinition): void {
    this.#definitions.set(definition.metadata.name, definition);
  }

  forget({ metadata }: CustomResourceDefinition): void {
    this.#definitions.delete(metadata.name);
  }

  /** Names in the definition's group that others have. */
  besides({ metadata, spec }: CustomResourceDefinition): TakenNames {
    const others = [...this.#definitions.values()].filter(
      (one) => one.spec.group === spec.group && one.metadata.name !== metadata.name,
    );
    const names = others.flatMap(({ status }) => status?.acceptedNames ?? []);
    return {
      resources: new Set(
        names.flatMap(({ plural, singular, shortNames = [] }) => [plural, singular ?? '', ...shortNames]),
      ),
      kinds: new Set(names.flatMap(({ kind, listKind }) => [kind, listKind ?? ''])),
    };
  }
}
