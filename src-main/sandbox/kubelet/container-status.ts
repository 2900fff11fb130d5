/** How a kubelet describes a container (convertToAPIContainerStatuses). Pure. */
import type {
  Container,
  ContainerState,
  ContainerStatus,
  ContainerUser,
  ResourceRequirements,
} from '#common/kube/types';

export interface ContainerView {
  container: Container;
  state: ContainerState;
  lastState: ContainerState;
  restartCount: number;
  ready: boolean;
  started: boolean;
  image: { image: string; imageID: string };
  containerID: string | undefined;
  user: ContainerUser | undefined;
  /** What it was allotted; nothing before it was made. */
  resources: ResourceRequirements | undefined;
}

export function containerStatusOf(view: ContainerView): ContainerStatus {
  const { container, containerID, resources, user } = view;
  const status: ContainerStatus = {
    name: container.name,
    state: view.state,
    lastState: view.lastState,
    ready: view.ready,
    restartCount: view.restartCount,
    ...view.image,
    started: view.started,
  };
  if (containerID) {
    status.containerID = containerID;
    status.resources = resources ?? {};
    if (resources?.requests) status.allocatedResources = resources.requests;
    if (user) status.user = user;
  }
  if (container.volumeMounts?.length) {
    status.volumeMounts = container.volumeMounts.map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly ? { readOnly, recursiveReadOnly: 'Disabled' } : {}),
    }));
  }
  return status;
}

/** What the kubelet says of a container that the runtime no longer knows though it ran. */
export const LOST_STATE: ContainerState = {
  terminated: {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was deleted.  The container used to be Running',
  },
};
