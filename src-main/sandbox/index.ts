import type { Clock } from '#common/base/clock';
import type { OidcOptions } from './authn/oidc';
import { openCluster } from './cluster';
import type { SchedulerConfiguration } from './scheduler/configuration';

export { scenarioInfos as sandboxScenarios, type ScenarioInfo as SandboxScenario } from './scenario';

/** How a sandbox cluster is opened. */
export interface SandboxOptions {
  /** A DNS label; also the name of the kubeconfig context. */
  name: string;
  /** Simulated nodes at the first start; a kept cluster keeps the nodes it has. */
  nodes?: number;
  /** What a new cluster starts with: a name from `resources/scenarios`, `empty` for the bare control plane. */
  scenario?: string;
  /** TCP port on 127.0.0.1; 0 takes a free one. */
  port?: number;
  /** Where the cluster's state is kept; absent for a cluster that ends with its process. */
  folder?: string;
  clock?: Clock;
  /** Opens the node ports of Services on 127.0.0.1 too, where they are free. */
  localPorts?: boolean;
  /** Makes names, uids and jitter repeatable. */
  seed?: number;
  /** The scheduler's profiles, in the shape of KubeSchedulerConfiguration; its defaults unless given. */
  scheduling?: SchedulerConfiguration;
  /** An issuer of ID tokens that the cluster believes, as kube-apiserver's `--oidc-*` flags describe one. */
  oidc?: OidcOptions;
  /** Told what a developer or an operator should know: failures inside the cluster, a log that was mended. */
  onMessage?: (text: string) => void;
}

/** A running sandbox cluster: a whole control plane and its nodes in this process. */
export interface SandboxCluster extends AsyncDisposable {
  readonly name: string;
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** A kubeconfig (YAML) with an administrator's client certificate; its only context has the cluster's name. */
  kubeconfig(): string;
  /** Resolves when the nodes are Ready and the first content is applied. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Stops serving, flushes the log, closes everything. */
  close(): Promise<void>;
}

/** Opens a sandbox cluster in this process; resolves when its API answers. */
export function openSandbox(options: SandboxOptions): Promise<SandboxCluster> {
  return openCluster(options);
}
