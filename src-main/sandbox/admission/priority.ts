import { PriorityClasses } from '#common/kube/resources';
import type { PriorityClass } from '#common/kube/types';
import type { AdmissionCluster, AdmissionPlugin } from './plugin';
import { createdPod, updatedPod, type UpdatedPod } from './pod-request';
import { refused } from './refusal';

/** Gives a Pod the number of its priority class, and keeps it in updates. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  mutate(request, cluster) {
    const updated = updatedPod(request);
    if (updated) keepPriority(updated);
    const pod = createdPod(request);
    if (!pod) return;
    const found = classOf(pod.spec.priorityClassName, cluster);
    if (!found && pod.spec.priorityClassName) {
      throw refused(request, `no PriorityClass with name ${pod.spec.priorityClassName} was found`);
    }
    const value = found?.value ?? 0;
    if (pod.spec.priority !== undefined && pod.spec.priority !== value) {
      const text = `the integer value of priority (${pod.spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
      throw refused(request, text);
    }
    if (found) pod.spec.priorityClassName = found.metadata.name;
    pod.spec.priority = value;
    const policy = found?.preemptionPolicy ?? 'PreemptLowerPriority';
    if (pod.spec.preemptionPolicy !== undefined && pod.spec.preemptionPolicy !== policy) {
      const text = `the string value of PreemptionPolicy (${pod.spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`;
      throw refused(request, text);
    }
    pod.spec.preemptionPolicy = policy;
  },
};

/** Whoever replaces a Pod need not know the number that it was given. */
function keepPriority({ pod, current }: UpdatedPod): void {
  const { priority: value, preemptionPolicy } = current.spec;
  if (value !== undefined) pod.spec.priority ??= value;
  if (preemptionPolicy !== undefined) pod.spec.preemptionPolicy ??= preemptionPolicy;
}

function classOf(name: string | undefined, cluster: AdmissionCluster): PriorityClass | undefined {
  if (name) return cluster.get(PriorityClasses, name);
  let chosen: PriorityClass | undefined;
  for (const one of cluster.list(PriorityClasses)) {
    if (one.globalDefault && (!chosen || (one.value ?? 0) < (chosen.value ?? 0))) chosen = one;
  }
  return chosen;
}
