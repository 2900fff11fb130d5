/** `/metrics` and `/metrics/probes` of a kubelet. Pure. */
import type { Pod } from '#common/kube/types';
import { counter, gauge, prometheusText, type Sample } from '#main/base/prometheus-text';
import { placeOf } from './cgroups';
import { phaseOf } from './idle-use';
import { systemUse, type NodeReading } from './reading';

export function kubeletMetricsText(reading: NodeReading, pods: readonly Pod[], nowMs: number): string {
  const { node, startedAtMs } = reading;
  const daemons = systemUse(reading, nowMs);
  const { kubeletVersion = '' } = node.status?.nodeInfo ?? {};
  const [, major = '1', minor = ''] = /^v(\d+)\.(\d+)/.exec(kubeletVersion) ?? [];
  return prometheusText([
    gauge(
      'kubelet_active_pods',
      '[ALPHA] The number of pods the kubelet considers active and which are being considered when admitting new pods. static is true if the pod is not from the apiserver.',
      activePods(pods),
    ),
    gauge('kubelet_node_name', "[ALPHA] The node's name. The count is always 1.", [
      { labels: { node: node.metadata.name }, value: 1 },
    ]),
    gauge('kubelet_running_containers', '[ALPHA] Number of containers currently running', containerStates(pods)),
    gauge('kubelet_running_pods', '[ALPHA] Number of pods that have a running pod sandbox', [
      { value: reading.pods.length },
    ]),
    gauge(
      'kubelet_desired_pods',
      '[ALPHA] The number of pods the kubelet is being instructed to run. static is true if the pod is not from the apiserver.',
      activePods(pods),
    ),
    counter('kubelet_evictions', '[ALPHA] Cumulative number of pod evictions by eviction signal', evictions(pods)),
    gauge(
      'kubernetes_build_info',
      "[BETA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
      [{ labels: { git_version: kubeletVersion, major, minor, platform: 'linux/amd64' }, value: 1 }],
    ),
    counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', [
      { value: (daemons.cpuMsAt(nowMs) * 0.4) / 1000 },
    ]),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', [
      { value: Math.round(daemons.memoryBytes / 8) },
    ]),
    gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', [
      { value: startedAtMs / 1000 },
    ]),
    gauge('process_open_fds', 'Number of open file descriptors.', [
      { value: 40 + Math.floor(phaseOf(node.metadata.uid) * 20) + pods.length },
    ]),
  ]);
}

const isMirror = ({ metadata }: Pod): boolean => 'kubernetes.io/config.mirror' in (metadata.annotations ?? {});

function activePods(pods: readonly Pod[]): Sample[] {
  const active = pods.filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
  const ofKind = (isStatic: boolean) => active.filter((pod) => isMirror(pod) === isStatic).length;
  return [
    { labels: { static: '' }, value: ofKind(false) },
    { labels: { static: 'true' }, value: ofKind(true) },
  ];
}

function containerStates(pods: readonly Pod[]): Sample[] {
  const states = pods.flatMap(({ status }) => [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
  ]);
  const running = states.filter(({ state }) => state?.running).length;
  const exited = states.filter(({ state }) => state?.terminated).length;
  return [
    { labels: { container_state: 'exited' }, value: exited },
    { labels: { container_state: 'running' }, value: running },
  ];
}

function evictions(pods: readonly Pod[]): Sample[] {
  const evicted = pods.filter(({ status }) => status?.reason === 'Evicted').length;
  return evicted === 0 ? [] : [{ labels: { eviction_signal: 'memory.available' }, value: evicted }];
}

export function probeMetricsText({ pods }: NodeReading): string {
  const samples = pods.flatMap(({ pod, containers }) =>
    containers.flatMap(({ name, probes }) =>
      [...probes].map(([result, value]): Sample => {
        const [probe_type = '', outcome = ''] = result.split(' ');
        const labels = { container: name, ...placeOf(pod), pod_uid: pod.metadata.uid, probe_type, result: outcome };
        return { labels, value };
      }),
    ),
  );
  const help = '[BETA] Cumulative number of a liveness, readiness or startup probe for a container by result.';
  return prometheusText([counter('prober_probe_total', help, samples)]);
}
