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

/** The status that a definition is stored with: nothing is accepted yet. */
export function newStatus(definition: CustomResourceDefinition): CustomResourceDefinitionStatus {
  return {
    conditions: null as unknown as CustomResourceDefinitionCondition[],
    acceptedNames: NO_NAMES,
    storedVersions: storedVersionsOf({ ...definition, status: undefined as never }),
  };
}

/** Versions in which objects may be stored: the present one besides those of the past. */
export function storedVersionsOf({ spec, status }: CustomResourceDefinition): string[] {
  const stored = spec.versions?.find(({ storage }) => storage)?.name;
  const known = status?.storedVersions ?? [];
  return stored === undefined || known.includes(stored) ? known : [...known, stored];
}

/** What the controllers of definitions make of one after it was written. `time` is RFC 3339. */
export function statusOf(
  definition: CustomResourceDefinition,
  taken: TakenNames,
  time: string,
): CustomResourceDefinitionStatus {
  const { spec, metadata } = definition;
  const status = definition.status ?? newStatus(definition);
  const { accepted, conflict } = acceptedNames(spec.names, status.acceptedNames ?? NO_NAMES, taken);
  const nameCondition = conflict ?? NO_CONFLICTS;
  const before = status.conditions ?? [];
  const wasEstablished = before.some(({ type, status: value }) => type === 'Established' && value === 'True');
  const approval = approvalCondition(spec.group, metadata.annotations?.[APPROVAL]);
  const found = [nameCondition, ...(wasEstablished ? [] : [establishment(conflict)]), ...(approval ? [approval] : [])];
  const conditions = found.reduce<CustomResourceDefinitionCondition[]>(
    (all, one) => withCondition(all, { ...one, lastTransitionTime: time }),
    before,
  );
  return { ...status, conditions, acceptedNames: accepted };
}

const NO_NAMES: CustomResourceDefinitionNames = { plural: '', kind: '' };

const NO_CONFLICTS: CustomResourceDefinitionCondition = {
  type: 'NamesAccepted',
  status: 'True',
  reason: 'NoConflicts',
  message: 'no conflicts found',
};

const establishment = (conflict: object | undefined): CustomResourceDefinitionCondition =>
  conflict
    ? { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
    : {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      };

interface Acceptance {
  accepted: CustomResourceDefinitionNames;
  /** The condition that tells of the last name that is taken; undefined without any. */
  conflict: CustomResourceDefinitionCondition | undefined;
}

/** Each name by itself: those that are free are accepted even where others are not. */
function acceptedNames(
  wanted: CustomResourceDefinitionNames,
  accepted: CustomResourceDefinitionNames,
  { resources, kinds }: TakenNames,
): Acceptance {
  const names: CustomResourceDefinitionNames = { ...accepted };
  let conflict: CustomResourceDefinitionCondition | undefined;
  const judge = (field: 'plural' | 'singular' | 'kind' | 'listKind', taken: ReadonlySet<string>): void => {
    const name = wanted[field] ?? '';
    if (name === (accepted[field] ?? '') || !taken.has(name)) {
      if (name) names[field] = name;
      else if (field === 'singular' || field === 'listKind') delete names[field];
      return;
    }
    const reason = `${field.charAt(0).toUpperCase()}${field.slice(1)}Conflict`;
    conflict = { type: 'NamesAccepted', status: 'False', reason, message: inUse([name]) };
  };
  judge('plural', resources);
  judge('singular', resources);
  const short = (wanted.shortNames ?? []).filter((one) => !accepted.shortNames?.includes(one) && resources.has(one));
  if (short.length > 0) {
    conflict = { type: 'NamesAccepted', status: 'False', reason: 'ShortNamesConflict', message: inUse(short) };
  } else takeOver(names, wanted, 'shortNames');
  judge('kind', kinds);
  judge('listKind', kinds);
  takeOver(names, wanted, 'categories');
  return { accepted: names, conflict };
}

function takeOver(
  names: CustomResourceDefinitionNames,
  wanted: CustomResourceDefinitionNames,
  field: 'shortNames' | 'categories',
): void {
  if (wanted[field]) names[field] = wanted[field];
  else delete names[field];
}

function inUse(names: readonly string[]): string {
  const texts = [...new Set(names)].map((name) => `${JSON.stringify(name)} is already in use`);
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}

export const APPROVAL = 'api-approved.kubernetes.io';

export type ApprovalState = 'missing' | 'bypassed' | 'approved' | 'invalid';

/** Groups of the project itself must name who approved them. */
export function isProtectedGroup(group: string): boolean {
  return /(^|\.)(k8s|kubernetes)\.io$/.test(group);
}

export function approvalOf(annotation = ''): { state: ApprovalState; reason: string } {
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  const must = `protected groups must have approval annotation "${APPROVAL}"`;
  if (annotation === '') return { state: 'missing', reason: `${must}, ${see}` };
  if (annotation.startsWith('unapproved'))
    return { state: 'bypassed', reason: `not approved: ${JSON.stringify(annotation)}` };
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(annotation))
    return { state: 'approved', reason: `approved in ${annotation}` };
  return { state: 'invalid', reason: `${must} with either a URL or a reason starting with "unapproved", ${see}` };
}

const APPROVAL_REASONS: Readonly<Record<ApprovalState, string>> = {
  missing: 'MissingAnnotation',
  bypassed: 'UnapprovedAnnotation',
  approved: 'ApprovedAnnotation',
  invalid: 'InvalidAnnotation',
};

function approvalCondition(group: string, annotation?: string): CustomResourceDefinitionCondition | undefined {
  if (!isProtectedGroup(group)) return undefined;
  const { state, reason } = approvalOf(annotation);
  return {
    type: 'KubernetesAPIApprovalPolicyConformant',
    status: state === 'approved' ? 'True' : 'False',
    reason: APPROVAL_REASONS[state],
    message: reason,
  };
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
