import * as v from 'valibot';
import { call, stream } from './define';
import { clusterId, nothing, type ClusterId, type Freshness, type ProblemReport, type ResourceKind } from './shapes';

export type ConnectionState =
  'closed' | 'connecting' | 'live' | 'reconnecting' | 'unreachable' | 'signed-out' | 'broken';
export type Protection = 'none' | 'protected' | 'read-only';

/** One context of a kubeconfig, or one sandbox cluster, as the rail and the catalogue show it. */
export interface ClusterSummary {
  id: ClusterId;
  name: string;
  /** The kubeconfig file the context came from; absent for a sandbox. */
  source?: string;
  /** Server URL, without credentials. */
  server?: string;
  user?: string;
  sandbox?: { name: string; state: 'running' | 'stopped' | 'damaged'; nodes?: number; ephemeral: boolean };
  state: ConnectionState;
  protection: Protection;
  /** `insecure-skip-tls-verify` is set. */
  insecure: boolean;
  /** Why the context cannot be opened, or why the connection failed. */
  problem?: ProblemReport;
}

/** A connected cluster, live. */
export interface SessionState {
  cluster: ClusterId;
  state: ConnectionState;
  freshness: Freshness;
  /** gitVersion of the server. */
  version?: string;
  /** Who the server says we are. */
  user?: string;
  groups?: string[];
  /** True when the user may do everything everywhere. */
  allRights?: boolean;
  protection: Protection;
  /** Every kind that discovery shows and that can be listed. */
  kinds: ResourceKind[];
  problem?: ProblemReport;
}

/** Objects of one kind: how many, and how many of them are in each state that asks for attention. */
export interface KindCount {
  total: number;
  bad: number;
  warn: number;
  busy: number;
}

export const clusters = {
  list: call(nothing).returns<ClusterSummary[]>(),
  changes: stream(nothing).of<ClusterSummary[]>(),
  /** Opens (or joins) the connection and follows it; the connection closes some time after the last reader. */
  session: stream(v.object({ cluster: clusterId })).of<SessionState>(),
  /** Tries again now instead of waiting for the back-off. */
  retry: call(v.object({ cluster: clusterId })).returns<void>(),
  /** Live counts by `resourceId` for the kinds of the sidebar. */
  counts: stream(v.object({ cluster: clusterId, namespaces: v.array(v.string()) })).of<Record<string, KindCount>>(),
  namespaces: stream(v.object({ cluster: clusterId })).of<string[]>(),
  protect: call(
    v.object({ cluster: clusterId, protection: v.picklist(['none', 'protected', 'read-only']) }),
  ).returns<void>(),
};
