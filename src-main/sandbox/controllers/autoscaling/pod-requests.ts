import { quantityNumber } from '#common/kube/quantity';
import type { Pod } from '#common/kube/types';
import { NoProposalError } from './replica-math';

/** A quantity in thousandths of its unit, rounded up as resource.Quantity does. */
export function milliOf(quantity: string): number {
  // Doubles miss whole thousandths by less than this.
  return Math.ceil(quantityNumber(quantity) * 1000 - 1e-6);
}

/** What each Pod asks for in thousandths; of one container when it is named. */
export function requestsOf(pods: readonly Pod[], resource: string, container: string): Map<string, number> {
  return new Map(pods.map((pod) => [pod.metadata.name, requestOf(pod, resource, container)]));
}

function requestOf(pod: Pod, resource: string, container: string): number {
  const { name } = pod.metadata;
  const whole = pod.spec.resources?.requests;
  if (!container && whole && Object.keys(whole).length > 0) {
    const request = whole[resource];
    if (request === undefined) throw new NoProposalError(`missing pod-level request for ${resource} in Pod ${name}`);
    return milliOf(request);
  }
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const counted = [...pod.spec.containers, ...sidecars].filter((each) => !container || each.name === container);
  if (counted.length === 0) throw new NoProposalError(`container ${container} not found in Pod ${name}`);
  return counted.reduce((sum, each) => {
    const request = each.resources?.requests?.[resource];
    if (request === undefined) {
      throw new NoProposalError(`missing request for ${resource} in container ${each.name} of Pod ${name}`);
    }
    return sum + milliOf(request);
  }, 0);
}
