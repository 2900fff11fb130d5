/** The objects that every server needs and nobody may change, and the rules that both kinds of flow control share. */
import { duplicateValue, must, required, type FieldError } from '../field-errors';

const everywhere = { apiGroups: ['*'], clusterScope: true, namespaces: ['*'], resources: ['*'], verbs: ['*'] };
const allRules = { nonResourceRules: [{ nonResourceURLs: ['*'], verbs: ['*'] }], resourceRules: [everywhere] };
const group = (name: string) => ({ kind: 'Group', group: { name } });

const FLOW_SCHEMAS: Readonly<Record<string, object>> = {
  exempt: {
    matchingPrecedence: 1,
    priorityLevelConfiguration: { name: 'exempt' },
    rules: [{ ...allRules, subjects: [group('system:masters')] }],
  },
  'catch-all': {
    matchingPrecedence: 10_000,
    priorityLevelConfiguration: { name: 'catch-all' },
    distinguisherMethod: { type: 'ByUser' },
    rules: [{ ...allRules, subjects: [group('system:unauthenticated'), group('system:authenticated')] }],
  },
};

const PRIORITY_LEVELS: Readonly<Record<string, object>> = {
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': {
    type: 'Limited',
    limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } },
  },
};

/** The spec that an object of this name must have; undefined for all others. */
export function mandatorySpec(kind: 'FlowSchema' | 'PriorityLevelConfiguration', name: string): object | undefined {
  return (kind === 'FlowSchema' ? FLOW_SCHEMAS : PRIORITY_LEVELS)[name];
}

export function conditionErrors(conditions: readonly { type?: string }[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return (conditions ?? []).flatMap(({ type = '' }, at) => {
    const path = `status.conditions[${at}].type`;
    const isTwice = seen.has(type);
    seen.add(type);
    return [...must(!isTwice, () => duplicateValue(path, type)), ...must(type !== '', () => required(path))];
  });
}
