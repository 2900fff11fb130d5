import type { Pod } from '#common/kube/types';

/** A port of a node that a Pod holds. */
export interface HostPort {
  ip: string;
  protocol: string;
  port: number;
}

const ANY_IP = '0.0.0.0';
const none: readonly HostPort[] = [];

/** Ports of the node that the Pod's containers ask for: those that run all the while. */
export function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  const { containers, initContainers } = spec;
  let ports: HostPort[] | undefined;
  const sidecars = initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? [];
  for (const container of sidecars.length > 0 ? [...sidecars, ...containers] : containers) {
    for (const { hostPort, hostIP, protocol } of container.ports ?? []) {
      if (hostPort) (ports ??= []).push({ ip: hostIP || ANY_IP, protocol: protocol || 'TCP', port: hostPort });
    }
  }
  return ports ?? none;
}

export function isSamePort(left: HostPort, right: HostPort): boolean {
  return left.port === right.port && left.protocol === right.protocol && left.ip === right.ip;
}

export function conflicts(left: HostPort, right: HostPort): boolean {
  if (left.port !== right.port || left.protocol !== right.protocol) return false;
  return left.ip === right.ip || left.ip === ANY_IP || right.ip === ANY_IP;
}

/** None of the wanted ports is held. */
export function arePortsFree(wanted: readonly HostPort[], held: readonly HostPort[]): boolean {
  return !wanted.some((port) => held.some((other) => conflicts(other, port)));
}
