/** What may be said of a Pod's state. */
import type { ContainerStatus, Pod, PodCondition, PodSpec, PodStatus } from '#common/kube/types';
import { forbiddenField, duplicateValue, eachInvalid, invalidValue, type FieldError } from '../field-errors';
import { checkIp, ipWarnings, isDualStack } from '../ip-rules';
import { dnsSubdomain, qualifiedName } from '../names';
import { checkUnchanged } from '../value-rules';

const OF_SYSTEM: readonly string[] = ['PodScheduled', 'Ready', 'Initialized'];
const NOT_NEGATIVE = 'must be a non-negative integer';
const ONE_EACH = 'may specify no more than one IP for each IP family';

export function checkPodStatus(next: Pod, current: Pod, into: FieldError[]): void {
  const [status, before] = [next.status ?? {}, current.status ?? {}];
  checkConditions(status.conditions ?? [], into);
  if (next.spec.nodeName !== current.spec.nodeName)
    into.push(forbiddenField('status.nodeName', 'may not be changed directly'));
  checkNominated(status, before, current.spec, into);
  if ((status.observedGeneration ?? 0) < 0)
    into.push(invalidValue('status.observedGeneration', status.observedGeneration, NOT_NEGATIVE));
  checkUnchanged(status.qosClass, before.qosClass, 'status.qosClass', into);
  checkTransitions(status, before, current.spec, into);
  checkClaims(status, next.spec, into);
  checkAddresses(status.podIPs ?? [], before.podIPs ?? [], 'status.podIPs', into);
  const [first] = status.hostIPs ?? [];
  if (first && status.hostIP !== first.ip)
    into.push(invalidValue('status.hostIPs[0].ip', first.ip, 'must be equal to `hostIP`'));
  checkAddresses(status.hostIPs ?? [], before.hostIPs ?? [], 'status.hostIPs', into);
}

export const podStatusWarnings = ({ podIPs = [], hostIPs = [] }: PodStatus): string[] => [
  ...podIPs.flatMap(({ ip }, at) => ipWarnings(`status.podIPs[${at}].ip`, ip)),
  ...hostIPs.flatMap(({ ip }, at) => ipWarnings(`status.hostIPs[${at}].ip`, ip)),
];

function checkConditions(conditions: readonly PodCondition[], into: FieldError[]): void {
  for (const [at, { type, observedGeneration = 0 }] of conditions.entries()) {
    const here = `status.conditions[${at}]`;
    if (observedGeneration < 0) into.push(invalidValue(`${here}.observedGeneration`, observedGeneration, NOT_NEGATIVE));
    if (!OF_SYSTEM.includes(type)) eachInvalid(into, `${here}.Type`, type, qualifiedName(type));
  }
}

function checkNominated(next: PodStatus, current: PodStatus, spec: PodSpec, into: FieldError[]): void {
  const { nominatedNodeName: name } = next;
  if (!name || name === current.nominatedNodeName) return;
  const field = 'status.nominatedNodeName';
  eachInvalid(into, field, name, dnsSubdomain(name));
  if (spec.nodeName) into.push(forbiddenField(field, 'may not be set on pods that are already bound to a node'));
}

/** What has ended does not start again, where it should not. */
function checkTransitions(next: PodStatus, current: PodStatus, spec: PodSpec, into: FieldError[]): void {
  if (!couldAllRestart(spec))
    for (const list of ['containerStatuses', 'initContainerStatuses'] as const)
      checkEnded(next[list] ?? [], current[list] ?? [], `status.${list}`, {
        into,
        mayRestart: (name, code) => shouldRestart(spec, list, name, code),
      });
  checkEnded(next.ephemeralContainerStatuses ?? [], current.ephemeralContainerStatuses ?? [], EPHEMERAL, {
    into,
    mayRestart: () => false,
  });
}

const EPHEMERAL = 'status.ephemeralContainerStatuses';

function couldAllRestart({ containers, initContainers = [] }: PodSpec): boolean {
  return [...initContainers, ...containers].some((one) =>
    one.restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'),
  );
}

function shouldRestart(spec: PodSpec, list: 'containerStatuses' | 'initContainerStatuses', name: string, code: number) {
  const containers = list === 'containerStatuses' ? spec.containers : (spec.initContainers ?? []);
  const container = containers.find((one) => one.name === name);
  if (!container) return false;
  if (container.restartPolicyRules?.some(({ exitCodes }) => exitCodes?.values?.includes(code))) return true;
  const policy = container.restartPolicy ?? spec.restartPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && code !== 0);
}

interface Ending {
  into: FieldError[];
  mayRestart(name: string, exitCode: number): boolean;
}

function checkEnded(
  next: readonly ContainerStatus[],
  current: readonly ContainerStatus[],
  path: string,
  { into, mayRestart }: Ending,
): void {
  for (const [at, { name, state }] of current.entries()) {
    if (!state?.terminated) continue;
    const now = next.find((one) => one.name === name);
    if (now && !now.state?.terminated && !mayRestart(name, state.terminated.exitCode))
      into.push(forbiddenField(`${path}[${at}].state`, 'may not be transitioned to non-terminated state'));
  }
}

function checkClaims({ resourceClaimStatuses = [] }: PodStatus, { resourceClaims = [] }: PodSpec, into: FieldError[]) {
  for (const [at, { name, resourceClaimName: claim }] of resourceClaimStatuses.entries()) {
    const here = `status.resourceClaimStatuses[${at}]`;
    if (!resourceClaims.some((one) => one.name === name))
      into.push(invalidValue(`${here}.name`, name, 'must match the name of an entry in `spec.resourceClaims`'));
    if (resourceClaimStatuses.findIndex((one) => one.name === name) < at)
      into.push(duplicateValue(`${here}.name`, name));
    if (claim !== undefined) eachInvalid(into, `${here}.resourceClaimName`, claim, dnsSubdomain(claim));
  }
}

interface Address {
  ip: string;
}

function checkAddresses(next: readonly Address[], current: readonly Address[], path: string, into: FieldError[]): void {
  for (const [at, { ip }] of next.entries())
    if (!current.some((one) => one.ip === ip)) checkIp(ip, `${path}[${at}]`, into);
  if (next.length > 1 && (next.length > 2 || !isDualStack(next.map(({ ip }) => ip))))
    into.push(
      invalidValue(
        path,
        next.map(({ ip }) => ({ IP: ip })),
        ONE_EACH,
      ),
    );
}
