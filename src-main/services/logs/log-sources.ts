import type { Pod } from '#common/kube/types';

/** One run of one container. */
export interface LogSource {
  pod: string;
  container: string;
  /** Differs for every run: containerID, or the Pod's uid while the run has none. */
  run: string;
}

/** The containers of a Pod that have something to say: those that run or have run. */
export function sourcesOf(pod: Pod, wanted: { container?: string | undefined; previous: boolean }): LogSource[] {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return statuses
    .filter(({ name }) => (wanted.container === undefined ? isDefault(pod, name) : name === wanted.container))
    .filter(({ state, lastState }) => (wanted.previous ? lastState?.terminated : state?.running || state?.terminated))
    .map(({ name, containerID, restartCount }) => ({
      pod: pod.metadata.name,
      container: name,
      run: `${pod.metadata.uid}/${name}/${containerID ?? restartCount}`,
    }));
}

/** Without a name, all containers speak except the init containers that only prepare. */
function isDefault({ spec }: Pod, name: string): boolean {
  const init = spec?.initContainers?.find((container) => container.name === name);
  return !init || init.restartPolicy === 'Always';
}

export function isRunning(pod: Pod | undefined, source: LogSource): boolean {
  if (!pod) return false;
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const status = statuses.find(({ name }) => name === source.container);
  return status?.state?.running !== undefined && source.run.endsWith(`/${status.containerID ?? status.restartCount}`);
}
