import type { Clock } from '#common/base/clock';
import type { Random } from '#common/base/random';
import type { Scope } from '#common/base/scope';
import type { NodeDirectory } from '#main/base/node-api';
import type { KubeClient } from '#main/client/client';
import type { Informers } from '#main/informer/informers';

export interface KubeletsOptions {
  client: KubeClient;
  informers: Informers;
  clock: Clock;
  random: Random;
  /** Everything stops with it. */
  scope: Scope;
  /** Nodes to register when the cluster has none yet. */
  nodes: number;
}

/** The kubelets of all nodes of one cluster. */
export interface Kubelets {
  /** Finds the door of a node by its name. */
  directory: NodeDirectory;
  /** Resolves when every node is registered and Ready. */
  ready(signal?: AbortSignal): Promise<void>;
}

export function createKubelets(options: KubeletsOptions): Kubelets {
  void options;
  throw new Error('createKubelets is being written');
}
