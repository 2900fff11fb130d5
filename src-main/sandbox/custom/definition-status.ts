/** `status` of a CustomResourceDefinition: accepted names, and the conditions that clients wait for. */
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionStatus,
} from '#common/kube/types';

export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** Names in use in a group, without those of the definition that is asked about. */
export interface TakenNames {
  /** plural, singular and short names */
  resources: ReadonlySet<string>;
  /** kind and list kind */
  kinds: ReadonlySet<string>;
}

/** The status after the definition was written. `time` is RFC 3339. */
export function statusOf(
  definition: CustomResourceDefinition,
  taken: TakenNames,
  time: string,
): CustomResourceDefinitionStatus {
  const { spec, status } = definition;
  const refused = namesRefused(spec.names, taken);
  const stored = spec.versions.find(({ storage }) => storage)?.name ?? '';
  const known = status?.storedVersions ?? [];
  const conditions = status?.conditions ?? [];
  const accepted = refused ?? {
    type: 'NamesAccepted',
    status: 'True',
    reason: 'NoConflicts',
    message: 'no conflicts found',
  };
  const wasEstablished = conditions.some(({ type, status: value }) => type === 'Established' && value === 'True');
  const established = wasEstablished || !refused ? ESTABLISHED : NOT_ESTABLISHED;
  return {
    conditions: withCondition(withCondition(conditions, { ...accepted, lastTransitionTime: time }), {
      ...established,
      lastTransitionTime: time,
    }),
    acceptedNames: refused
      ? (status?.acceptedNames ?? ({ plural: '', kind: '' } as CustomResourceDefinitionNames))
      : spec.names,
    storedVersions: known.includes(stored) ? known : [...known, stored],
  };
}

const ESTABLISHED = {
  type: 'Established',
  status: 'True',
  reason: 'InitialNamesAccepted',
  message: 'the initial names have been accepted',
};

const NOT_ESTABLISHED = {
  type: 'Established',
  status: 'False',
  reason: 'NotAccepted',
  message: 'not all names are accepted',
};

function namesRefused(names: CustomResourceDefinitionNames, { resources, kinds }: TakenNames) {
  const conflicts: [reason: string, name: string | undefined, taken: ReadonlySet<string>][] = [
    ['PluralConflict', names.plural, resources],
    ['SingularConflict', names.singular, resources],
    ...(names.shortNames ?? []).map((name): [string, string, ReadonlySet<string>] => [
      'ShortNamesConflict',
      name,
      resources,
    ]),
    ['KindConflict', names.kind, kinds],
    ['ListKindConflict', names.listKind, kinds],
  ];
  const found = conflicts.find(([, name, taken]) => name && taken.has(name));
  return (
    found && {
      type: 'NamesAccepted',
      status: 'False',
      reason: found[0],
      message: `${JSON.stringify(found[1])} is already in use`,
    }
  );
}

/** A condition keeps its time while its status stays. */
export function withCondition(
  conditions: readonly CustomResourceDefinitionCondition[],
  condition: CustomResourceDefinitionCondition,
): CustomResourceDefinitionCondition[] {
  const at = conditions.findIndex(({ type }) => type === condition.type);
  const before = conditions[at];
  if (!before) return [...conditions, condition];
  const time = before.status === condition.status ? before.lastTransitionTime : condition.lastTransitionTime;
  return conditions.with(at, { ...condition, ...(time ? { lastTransitionTime: time } : {}) });
}
