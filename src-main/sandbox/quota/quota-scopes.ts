/** Which Pods a quota with scopes counts. */
import type { Pod, PodAffinityTerm, ResourceQuota } from '#common/kube/types';

interface Scope {
  scopeName: string;
  operator: string;
  values?: string[];
}

/** A quota without scopes counts everything; one with scopes counts Pods that are in all of them. */
export function isInScope({ spec }: ResourceQuota, pod: Pod | undefined): boolean {
  const plain = (spec.scopes ?? []).map((scopeName): Scope => ({ scopeName, operator: 'Exists' }));
  const scopes = [...plain, ...(spec.scopeSelector?.matchExpressions ?? [])];
  return scopes.length === 0 || (pod !== undefined && scopes.every((scope) => holds(scope, pod)));
}

function holds({ scopeName, operator, values = [] }: Scope, pod: Pod): boolean {
  const { spec } = pod;
  switch (scopeName) {
    case 'Terminating':
      return spec.activeDeadlineSeconds !== undefined;
    case 'NotTerminating':
      return spec.activeDeadlineSeconds === undefined;
    case 'BestEffort':
      return isBestEffort(pod);
    case 'NotBestEffort':
      return !isBestEffort(pod);
    case 'PriorityClass':
      return holdsPriority(operator, values, spec.priorityClassName ?? '');
    case 'CrossNamespacePodAffinity':
      return affinityTerms(pod).some(
        (term) => Boolean(term.namespaces?.length) || term.namespaceSelector !== undefined,
      );
    default:
      return false;
  }
}

function isBestEffort({ spec }: Pod): boolean {
  return [...spec.containers, ...(spec.initContainers ?? [])].every(
    ({ resources }) => !hasAny(resources?.requests) && !hasAny(resources?.limits),
  );
}

const hasAny = (amounts: Record<string, string> = {}): boolean => 'cpu' in amounts || 'memory' in amounts;

function holdsPriority(operator: string, values: readonly string[], name: string): boolean {
  if (operator === 'Exists') return name !== '';
  if (operator === 'DoesNotExist') return name === '';
  return operator === 'In' ? values.includes(name) : !values.includes(name);
}

function affinityTerms({ spec: { affinity } }: Pod): PodAffinityTerm[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((one) => [
    ...(one?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(one?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
}
