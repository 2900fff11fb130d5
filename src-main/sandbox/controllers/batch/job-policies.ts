/** What a Job's policies say: which failures count, and which successes are enough. */
import type {
  ContainerStatus,
  Job,
  Pod,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from '#common/kube/types';
import { parseIndexes } from './job-indexes';

export interface FailureVerdict {
  action?: string;
  /** The failure uses up the limit. */
  counts: boolean;
  /** Why the whole Job fails. */
  failsJob?: string;
}

/** The first rule that the failed Pod fits. */
export function failureVerdict({ spec }: Job, pod: Pod): FailureVerdict {
  for (const [index, rule] of (spec.podFailurePolicy?.rules ?? []).entries()) {
    const reason = reasonOf(rule, pod);
    if (reason === undefined) continue;
    const { action } = rule;
    if (action === 'Ignore') return { action, counts: false };
    if (action !== 'FailJob') return { action, counts: true };
    const failsJob = `${reason} matching FailJob rule at index ${index}`;
    return { action, counts: true, failsJob };
  }
  return { counts: true };
}

/** What makes the Pod fit the rule, in words; undefined when it does not. */
function reasonOf({ onExitCodes, onPodConditions = [] }: PodFailurePolicyRule, pod: Pod): string | undefined {
  const place = `${pod.metadata.namespace}/${pod.metadata.name}`;
  if (onExitCodes) {
    const ended = containerThatFits(onExitCodes, pod);
    if (!ended) return undefined;
    return `Container ${ended.name} for pod ${place} failed with exit code ${ended.state?.terminated?.exitCode}`;
  }
  const condition = pod.status?.conditions?.find(({ type, status }) =>
    onPodConditions.some((pattern) => pattern.type === type && (pattern.status ?? 'True') === status),
  );
  return condition && `Pod ${place} has condition ${condition.type}`;
}

/** Containers are looked at before init containers; those that still run have no code yet. */
function containerThatFits(
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
  { status }: Pod,
): ContainerStatus | undefined {
  const fits = ({ name, state }: ContainerStatus) => {
    const code = state?.terminated?.exitCode ?? 0;
    if (code === 0 || (containerName !== undefined && containerName !== name)) return false;
    return operator === 'In' ? values.includes(code) : operator === 'NotIn' && !values.includes(code);
  };
  return status?.containerStatuses?.find(fits) ?? status?.initContainerStatuses?.find(fits);
}

/** The message of the first rule of the success policy that holds. */
export function successOf({ spec }: Job, succeeded: ReadonlySet<number>): string | undefined {
  if (succeeded.size === 0) return undefined;
  const rules = spec.successPolicy?.rules ?? [];
  const met = rules.findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && succeeded.size >= succeededCount;
    const wanted = parseIndexes(succeededIndexes, spec.completions);
    if (wanted.size === 0) return false;
    const there = [...wanted].filter((index) => succeeded.has(index)).length;
    return there === wanted.size || (succeededCount !== undefined && there >= succeededCount);
  });
  return met < 0 ? undefined : `Matched rules at index ${met}`;
}
