import type { Toleration } from '#common/kube/types';
import type { AdmissionPlugin } from './plugin';
import { createdPod, updatedPod } from './pod-request';

const SECONDS = 300;
const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** A Pod stays five minutes on a node that is lost, unless it says otherwise. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  mutate(request) {
    const pod = createdPod(request) ?? updatedPod(request)?.pod;
    if (!pod) return;
    const tolerations = pod.spec.tolerations ?? [];
    const missing = TAINTS.filter((key) => !tolerations.some((one) => tolerates(one, key)));
    if (missing.length === 0) return;
    pod.spec.tolerations = [...tolerations, ...missing.map(lastingToleration)];
  },
};

function tolerates({ key, effect }: Toleration, taint: string): boolean {
  return (!key || key === taint) && (!effect || effect === 'NoExecute');
}

function lastingToleration(key: string): Toleration {
  return { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS };
}
