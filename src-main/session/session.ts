import type { Problem } from '#common/base/errors';
import type { ClusterSummary, ConnectionState, Protection } from '#common/contract/clusters';
import type { ClusterId } from '#common/contract/shapes';
import type { Carrier } from '#main/client/carrier';
import type { KubeClient } from '#main/client/client';
import type { DiscoveredResource } from '#main/client/discovery/discovered';
import type { Informers } from '#main/informer/informers';

/** What a session knows about its connection now. Replaced as a whole when anything changes. */
export interface SessionStatus {
  state: ConnectionState;
  /** When this state began, in epoch milliseconds. */
  since: number;
  /** Why it is not live. */
  problem?: Problem;
  /** gitVersion of the server. */
  version?: string;
  /** Who the server says we are; absent where it does not tell. */
  user?: string;
  groups?: readonly string[];
  /** True when the user may do everything everywhere. */
  allRights?: boolean;
}

/** One question to the server's authorizer, as `kubectl auth can-i` asks it. */
export interface AccessQuestion {
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
}

export interface AccessAnswer {
  allowed: boolean;
  /** The authorizer's own words, where it gave any. */
  reason?: string;
}

/**
 * One connected cluster, real or sandbox. Reading goes through `client` and `informers`; `client` refuses to write while
 * the cluster is protected or read-only, `writer()` is the one door to a client that may.
 */
export interface ClusterSession {
  readonly id: ClusterId;
  /** The context's name: what a person types to confirm a write to a protected cluster. */
  readonly name: string;
  readonly isSandbox: boolean;
  /** Namespace of the context; `default` where it names none. */
  readonly defaultNamespace: string;
  readonly status: SessionStatus;
  readonly protection: Protection;
  /** Every kind that discovery shows and that can be listed, in the server's order; empty until the first discovery. */
  readonly kinds: readonly DiscoveredResource[];
  /** Groups whose API server did not answer discovery, as `group/version`: `kinds` is incomplete. */
  readonly failedGroups: readonly string[];
  readonly client: KubeClient;
  /** For upgrades (exec, port-forward); guarded like `client`. */
  readonly carrier: Carrier;
  readonly informers: Informers;

  /** Called after `status`, `protection` or `kinds` changed. */
  subscribe(listener: () => void): Disposable;
  /** Resolves when the server answered and its kinds are known; rejects with the Problem when the first connection fails. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Tries again now instead of waiting for the back-off. */
  retry(): void;
  /** The kind served under `group` and `plural` or `kind`, in the preferred version unless one is named. */
  kind(wanted: KindWanted): DiscoveredResource | undefined;
  /** Reads discovery again; it is also read when CustomResourceDefinitions or APIServices change. */
  refreshKinds(signal?: AbortSignal): Promise<void>;
  /** Asks the server, or answers from the last minute's answers. */
  may(question: AccessQuestion, signal?: AbortSignal): Promise<AccessAnswer>;
  /**
   * The guard every write passes. `confirmation` is the cluster's name as the person typed it. Throws Problem `protected`
   * (a confirmation is missing or wrong) or `read-only`.
   */
  guardWrite(confirmation?: string): void;
  /** A client that may write, after `guardWrite`. */
  writer(confirmation?: string): KubeClient;
  /** A carrier that may exec and attach, after `guardWrite`. */
  writingCarrier(confirmation?: string): Carrier;
}

export interface KindWanted {
  group: string;
  version?: string | undefined;
  plural?: string | undefined;
  kind?: string | undefined;
}

/** A reader's hold on a session; the connection closes a grace period after the last hold is disposed. */
export interface SessionLease extends Disposable {
  readonly session: ClusterSession;
}

/** All clusters that are known (contexts of kubeconfig files, sandboxes), and the connections to those that are open. */
export interface ClusterSessions {
  list(): readonly ClusterSummary[];
  /** Called after `list()` changed, connection states included. */
  subscribe(listener: () => void): Disposable;
  /** Opens or joins. Throws Problem `cluster-unknown`; a broken context gives a session in state `broken`. */
  open(id: ClusterId): SessionLease;
  /** Sessions that are open now. */
  opened(): readonly ClusterSession[];
  protect(id: ClusterId, protection: Protection): Promise<void>;
}
