import { PriorityClasses } from '#common/kube/resources';
import type { PriorityClass } from '#common/kube/types';
import { forbiddenField, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { defineStrategy } from '../strategy';
import { checkUnchanged, checkWord } from '../value-rules';

const SYSTEM = 'system-';
const HIGHEST = 1_000_000_000;
const OF_SYSTEM: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

export const priorityClassStrategy = defineStrategy<PriorityClass>({
  resource: PriorityClasses,
  update: { keepsGeneration: true },
  checks: {
    create(priority, into) {
      checkMetadata(priority.metadata, dnsSubdomain, into);
      checkValue(priority, into);
      if (priority.preemptionPolicy !== undefined)
        checkWord(priority.preemptionPolicy, ['PreemptLowerPriority', 'Never'], 'preemptionPolicy', into);
    },
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      if ((next.value ?? 0) !== (current.value ?? 0))
        into.push(forbiddenField('value', 'may not be changed in an update.'));
      checkUnchanged(next.preemptionPolicy ?? null, current.preemptionPolicy ?? null, 'preemptionPolicy', into);
    },
  },
});

function checkValue(
  { metadata: { name = '' }, value = 0, globalDefault = false }: PriorityClass,
  into: FieldError[],
): void {
  if (!name.startsWith(SYSTEM)) {
    if (value > HIGHEST)
      into.push(forbiddenField('value', `maximum allowed value of a user defined priority is ${HIGHEST}`));
    return;
  }
  const problem = systemProblem(name, value, globalDefault);
  const reserved = `priority class names with '${SYSTEM}' prefix are reserved for system use only`;
  if (problem) into.push(forbiddenField('metadata.name', `${reserved}. error: ${problem}`));
}

function systemProblem(name: string, value: number, isDefault: boolean): string | undefined {
  const expected = OF_SYSTEM[name];
  if (expected === undefined) return `${name} is not a known system priority class`;
  if (value !== expected) return `value of ${name} PriorityClass must be ${expected}`;
  return isDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}
