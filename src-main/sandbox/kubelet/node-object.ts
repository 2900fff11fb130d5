import { timestamp, type Clock } from '#common/base/clock';
import { randomUuid, type Random } from '#common/base/random';
import { RELEASE } from '#common/kube/release';
import type { Node, NodeCondition, NodeSpec, NodeStatus } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { nodeAddress, podCidr } from '../network/pod-addresses';
import { MACHINE } from '../containers/machine';

/** A node as its kubelet registers it; `number` counts from 1. */
export function nodeDraft(number: number, taints: NodeSpec['taints'] = []): Draft<Node> {
  const name = `node-${number}`;
  const controlPlane = number === 1 ? { 'node-role.kubernetes.io/control-plane': '' } : {};
  const cidr = podCidr(number);
  return {
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        ...controlPlane,
      },
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: {
      podCIDR: cidr,
      podCIDRs: [cidr],
      providerID: `sandbox:///${name}`,
      ...(taints.length > 0 ? { taints } : {}),
    },
  };
}

export function nodeStatus(
  name: string,
  number: number,
  { clock, random }: { clock: Clock; random: Random },
): NodeStatus {
  const resources = {
    cpu: String(MACHINE.cpus),
    'ephemeral-storage': '102400Mi',
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: `${MACHINE.memoryKi.total / 2 ** 20}Gi`,
  };
  return {
    capacity: { ...resources, pods: '110' },
    allocatable: { ...resources, pods: '110' },
    addresses: [
      { type: 'InternalIP', address: nodeAddress(number) },
      { type: 'Hostname', address: name },
    ],
    conditions: nodeConditions(timestamp(clock)),
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: 'amd64',
      bootID: randomUuid(random),
      containerRuntimeVersion: 'containerd://2.1.4',
      kernelVersion: MACHINE.kernel,
      kubeProxyVersion: '',
      kubeletVersion: RELEASE,
      machineID: randomUuid(random).replaceAll('-', ''),
      operatingSystem: 'linux',
      osImage: 'Debian GNU/Linux 13 (trixie)',
      systemUUID: randomUuid(random),
    },
  };
}

/** What a kubelet says of its node; `pressures` are the conditions that hold besides Ready. */
export function nodeConditions(now: string, pressures: ReadonlySet<string> = new Set()): NodeCondition[] {
  const condition = (type: string, isMet: boolean, words: readonly [string, string]): NodeCondition => ({
    type,
    status: isMet ? 'True' : 'False',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
    reason: words[0],
    message: words[1],
  });
  const pressure = (type: string, under: readonly [string, string], over: readonly [string, string]) =>
    condition(type, pressures.has(type), pressures.has(type) ? under : over);
  return [
    pressure(
      'MemoryPressure',
      ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
      ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    ),
    pressure(
      'DiskPressure',
      ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
      ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ),
    pressure(
      'PIDPressure',
      ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
      ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    ),
    condition('Ready', true, ['KubeletReady', 'kubelet is posting ready status']),
  ];
}
