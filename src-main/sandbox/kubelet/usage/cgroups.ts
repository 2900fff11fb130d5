/** How Pods and containers are called in the node's control groups, and what cAdvisor makes of it. Pure. */
import type { ContainerStatus, Pod } from '#common/kube/types';
import type { Labels } from '#main/base/prometheus-text';

/** `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUID.slice`. */
export function podGroup({ metadata, status }: Pod): string {
  const uid = metadata.uid.replaceAll('-', '_');
  const quality =
    status?.qosClass === 'Burstable' ? 'burstable' : status?.qosClass === 'Guaranteed' ? '' : 'besteffort';
  if (!quality) return `/kubepods.slice/kubepods-pod${uid}.slice`;
  return `/kubepods.slice/kubepods-${quality}.slice/kubepods-${quality}-pod${uid}.slice`;
}

/** The labels of a whole Pod. */
export function podLabels(pod: Pod): Labels {
  return { container: '', id: podGroup(pod), image: '', name: '', ...placeOf(pod) };
}

/** The labels of one of its containers. */
export function containerLabels(pod: Pod, container: string): Labels {
  const status = statusOf(pod, container);
  const name = (status?.containerID ?? '').replace('containerd://', '');
  return {
    container,
    id: `${podGroup(pod)}/cri-containerd-${name}.scope`,
    image: status?.image ?? '',
    name,
    ...placeOf(pod),
  };
}

export function placeOf({ metadata: { name, namespace = '' } }: Pod): Labels {
  return { namespace, pod: name };
}

function statusOf({ status }: Pod, name: string): ContainerStatus | undefined {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return all.find((one) => one.name === name);
}
