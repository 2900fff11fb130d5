import type { Clock } from '#common/base/clock';
import type { Random } from '#common/base/random';
import type { CSIDriver, Node, Pod } from '#common/kube/types';
import type { KubeClient } from '#main/client/client';
import type { HostCommands } from '../containers/host-commands';
import type { VolumeStore } from '../containers/volume-store';
import type { EventNote, EventWriter } from './event-writer';
import type { ImagePuller } from './image-puller';
import type { ClusterNetwork } from '../network/cluster-network';
import type { PodAddresses } from '../network/pod-addresses';
import type { NodePower } from './node-power';
import type { PodRefusal } from './pod-admission';
import type { SourceKind } from './pod-volumes';
import type { StatusWriter } from './status-writer';
import type { VolumesInUse } from './volumes-in-use';

/** What the kubelet of one node has for its Pods. */
export interface NodeContext {
  name: string;
  ip: string;
  addresses: PodAddresses;
  images: ImagePuller;
  client: KubeClient;
  clock: Clock;
  random: Random;
  events: EventWriter;
  statuses: StatusWriter;
  network: ClusterNetwork;
  /** Whether its kubelet runs. */
  power: NodePower;
  /** The node as it is now. */
  node: () => Node | undefined;
  /** Why it does not take a Pod. */
  admits: (pod: Pod) => PodRefusal | undefined;
  /** Asks to be told when a ConfigMap or Secret changes that a Pod shows, or a claim of it has grown. */
  follow: (pod: Pod, refresh: (kind: SourceKind, name: string) => Promise<void>) => Disposable;
  /** The machine itself, for Pods that have its files. */
  console: HostCommands;
  /** Somebody uses much: the node looks whether it has enough. */
  pressure: () => void;
  /** What the node says that its Pods use. */
  volumesInUse: VolumesInUse;
  csiDriver: (name: string) => CSIDriver | undefined;
  /** Files that outlive Pods. */
  volumes: VolumeStore;
  report: (failure: unknown) => void;
}

/** Notes an event about a Pod, or about one of its containers. */
export function recordPodEvent(node: NodeContext, pod: Pod, note: EventNote & { fieldPath?: string }): void {
  const { name, namespace = 'default', uid, resourceVersion } = pod.metadata;
  const { fieldPath, ...event } = note;
  const about = { kind: 'Pod', namespace, name, uid, apiVersion: 'v1', resourceVersion };
  node.events.record(node.name, fieldPath ? { ...about, fieldPath } : about, event);
}
