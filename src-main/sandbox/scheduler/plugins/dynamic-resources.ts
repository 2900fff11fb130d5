import { matchesTerm } from '#common/kube/node-selection';
import type { Pod, ResourceV1ResourceClaim } from '#common/kube/types';
import { always } from '../cluster-event';
import type { DeviceView } from '../cluster-view';
import { deviceClaimsOf } from '../device-ledger';
import { unresolvable, type PodRule, type SchedulerPlugin } from '../plugin';

const NAME = 'DynamicResources';
const NOT_ALLOCATED = unresolvable(NAME, 'cannot allocate all claims');
const ELSEWHERE = unresolvable(NAME, 'resourceclaim not available on the node');

/**
 * Devices that Pods claim: only nodes will do where what is allocated can be used. No driver of a sandbox offers devices, so
 * what nobody else has allocated cannot be had.
 */
export const dynamicResources: SchedulerPlugin = {
  name: NAME,
  forPod(pod, { devices }) {
    if (!pod.spec.resourceClaims?.length) return undefined;
    return ruleFor(pod, devices);
  },
  hints: {
    'ResourceClaim/Add': (pod, { after }) => uses(pod, after),
    'ResourceClaim/Update': (pod, { after }) => uses(pod, after),
    'DeviceClass/Add': always,
    'DeviceClass/Update': always,
    'Node/Add': always,
    'Node/UpdateLabel': always,
    'Node/UpdateTaint': always,
  },
};

function uses(pod: Pod, claim: ResourceV1ResourceClaim | undefined): boolean {
  return claim?.metadata.namespace === pod.metadata.namespace && deviceClaimsOf(pod).includes(claim?.metadata.name);
}

function ruleFor(pod: Pod, devices: DeviceView): PodRule | undefined {
  const { namespace = '' } = pod.metadata;
  const claims: ResourceV1ResourceClaim[] = [];
  for (const name of deviceClaimsOf(pod)) {
    const claim = name === undefined ? undefined : devices.claim(namespace, name);
    if (!claim) return { hopeless: unresolvable(NAME, `resourceclaim.resource.k8s.io "${name ?? ''}" not found`) };
    const missing = missingClass(claim, devices);
    if (!claim.status?.allocation && missing !== undefined) return { hopeless: unresolvable(NAME, missing) };
    claims.push(claim);
  }
  if (claims.length === 0) return undefined;
  const isAllocated = claims.every(({ status }) => status?.allocation);
  return {
    filter({ node }) {
      const isHere = claims.every(({ status }) => {
        const terms = status?.allocation?.nodeSelector?.nodeSelectorTerms;
        return !terms || terms.some((term) => matchesTerm(term, node));
      });
      if (!isHere) return ELSEWHERE;
      return isAllocated ? undefined : NOT_ALLOCATED;
    },
  };
}

/** Nothing can be allocated of a class that is not there. */
function missingClass({ spec }: ResourceV1ResourceClaim, devices: DeviceView): string | undefined {
  for (const { name, exactly, firstAvailable = [] } of spec.devices?.requests ?? []) {
    const asked = [
      ...(exactly ? [{ request: name, className: exactly.deviceClassName }] : []),
      ...firstAvailable.map((one) => ({ request: `${name}/${one.name}`, className: one.deviceClassName })),
    ];
    const missing = asked.find(({ className }) => !devices.hasClass(className));
    if (missing) return `request ${missing.request}: device class ${missing.className} does not exist`;
  }
  return undefined;
}
