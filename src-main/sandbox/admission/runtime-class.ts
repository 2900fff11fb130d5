import { RuntimeClasses } from '#common/kube/resources';
import type { Pod, RuntimeClass } from '#common/kube/types';
import { canonicalQuantity } from '#main/sandbox/machinery/quantity';
import type { AdmissionPlugin, AdmissionRequest } from './plugin';
import { createdPod } from './pod-request';
import { refused } from './refusal';

/** A Pod takes over what its runtime class costs and where it may run. */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  mutate(request, cluster) {
    const pod = createdPod(request);
    const name = pod?.spec.runtimeClassName;
    if (!pod || !name) return;
    const found = cluster.get(RuntimeClasses, name);
    if (!found) throw refused(request, `pod rejected: RuntimeClass "${name}" not found`);
    setOverhead(request, pod, found);
    setScheduling(request, pod, found);
  },
  validate(request) {
    const pod = createdPod(request);
    if (!pod?.spec.overhead || pod.spec.runtimeClassName) return;
    throw refused(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
  },
};

function setOverhead(request: AdmissionRequest, { spec }: Pod, { overhead }: RuntimeClass): void {
  const wanted = overhead?.podFixed;
  if (spec.overhead && !isSame(spec.overhead, wanted ?? {})) {
    const text = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
    throw refused(
      request,
      wanted ? text : 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
    );
  }
  if (wanted) spec.overhead = { ...wanted };
}

function isSame(left: Record<string, string>, right: Record<string, string>): boolean {
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => canonicalQuantity(left[name] ?? '0') === canonicalQuantity(right[name] ?? '0'));
}

function setScheduling(request: AdmissionRequest, { spec }: Pod, { scheduling }: RuntimeClass): void {
  for (const [key, value] of Object.entries(scheduling?.nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key];
    if (own !== undefined && own !== value) {
      throw refused(
        request,
        `pod rejected: conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
      );
    }
    spec.nodeSelector = { ...spec.nodeSelector, [key]: value };
  }
  if (scheduling?.tolerations?.length) spec.tolerations = [...(spec.tolerations ?? []), ...scheduling.tolerations];
}
