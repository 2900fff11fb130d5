import type { Scenario } from '#common/contract/sandboxes';

/** One sandbox cluster of this computer, running or not. */
export interface SandboxEntry {
  name: string;
  state: 'starting' | 'running' | 'stopped' | 'damaged';
  /** Simulated nodes it was created with, where that is known. */
  nodes?: number;
  /** True when it ends with its process and leaves no folder. */
  ephemeral: boolean;
  /** `https://127.0.0.1:PORT` while it runs. */
  url?: string;
  /** What is wrong with a damaged sandbox, for the person: cause, and what to do. */
  message?: string;
}

export interface NewSandbox {
  /** A DNS label that no other sandbox has. */
  name: string;
  nodes: number;
  /** A name of `scenarios()`. */
  scenario: string;
  ephemeral: boolean;
  /** TCP port on 127.0.0.1; absent: a free one. */
  port?: number;
}

export interface FleetCallOptions {
  signal?: AbortSignal | undefined;
}

/**
 * The sandbox clusters of this computer, each in a process of its own. Refusals are Problems: `sandbox-name-taken`,
 * `sandbox-not-found`, `sandbox-damaged`, `port-in-use`, `sandbox-failed` (it did not start; details hold its last output).
 */
export interface SandboxFleet {
  /** What is known now, sorted by name; running ones include those that another Pilothouse or the command line started. */
  list(): readonly SandboxEntry[];
  /** Called after `list()` has changed. */
  subscribe(listener: () => void): Disposable;
  scenarios(): Promise<Scenario[]>;
  /** Resolves when its API answers. */
  create(sandbox: NewSandbox, options?: FleetCallOptions): Promise<SandboxEntry>;
  /** Starts a stopped sandbox, or joins the running one; resolves when its API answers. */
  start(name: string, options?: FleetCallOptions): Promise<SandboxEntry>;
  /** Resolves when its process has ended. */
  stop(name: string, options?: FleetCallOptions): Promise<void>;
  /** Stops it and removes its folder. */
  delete(name: string, options?: FleetCallOptions): Promise<void>;
  /** A kubeconfig (YAML) with its administrator; its only context has the sandbox's name. Only while it runs. */
  kubeconfig(name: string, options?: FleetCallOptions): Promise<string>;
}
