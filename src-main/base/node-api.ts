import type { Duplex } from 'node:stream';
import type { ProcessStreams } from './process-streams';

export interface PodRef {
  namespace: string;
  name: string;
  uid: string;
}

/** The parameters of core/v1 PodLogOptions, parsed. */
export interface LogQuery {
  container: string;
  follow: boolean;
  previous: boolean;
  timestamps: boolean;
  sinceMs?: number;
  tailLines?: number;
  limitBytes?: number;
}

export interface ExecQuery {
  container: string;
  command: readonly string[];
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

/** A page of a kubelet's own server. */
export interface NodeAnswer {
  status: number;
  type: string;
  body: string;
}

/**
 * What an API server asks of the kubelet of one node. Refusals are ApiStatusErrors with the kubelet's own texts
 * (400 `container "c" in pod "p" is waiting to start: ContainerCreating`, 404 for a Pod that is not there).
 */
export interface NodeApi {
  logs(pod: PodRef, query: LogQuery, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  exec(pod: PodRef, query: ExecQuery, signal: AbortSignal): Promise<ProcessStreams>;
  attach(pod: PodRef, query: Omit<ExecQuery, 'command'>, signal: AbortSignal): Promise<ProcessStreams>;
  /** A connection to a port inside the Pod; rejects with the text kubectl prints when nothing listens there. */
  dial(pod: PodRef, port: number, signal: AbortSignal): Promise<Duplex>;
  /** GET of one of its pages: `/metrics`, `/stats/summary`, `/pods`. */
  page(path: string): Promise<NodeAnswer>;
}

/** Finds the kubelet of a node by its name. */
export type NodeDirectory = (nodeName: string) => NodeApi | undefined;
