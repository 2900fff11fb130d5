import type { KubeClient } from '#main/client/client';
import type { FlowWatch } from './flow-watch';

/** A whole cluster under comparison: API server, controllers, scheduler, and nodes whose Pods live as annotations say. */
export interface FlowCluster extends AsyncDisposable {
  readonly name: string;
  readonly client: KubeClient;
  readonly watch: FlowWatch;
  /** Waits until `holds`, in the time of the cluster; rejects when it never does. */
  until(holds: () => boolean, what: string): Promise<void>;
  /** Waits until nothing was written in the namespace for a while. */
  quiet(namespace: string): Promise<void>;
  /** Lets time pass. */
  pass(seconds: number): Promise<void>;
}

/** Opens clusters for flows; each may be used by one flow after another, or by several at once. */
export interface FlowHost extends AsyncDisposable {
  /** How many flows run side by side. */
  readonly atOnce: number;
  open(): Promise<FlowCluster>;
}
