import type { Duplex } from 'node:stream';
import type { Requester } from '#main/sandbox/registry/registry-context';

/** The client certificate of a TLS connection, already verified against the cluster's CA. */
export interface PeerCertificate {
  commonName: string;
  organizations: readonly string[];
  /** Hexadecimal digest of the whole certificate. */
  sha256?: string;
}

/** What the carrier knows of its other end. */
export interface Peer {
  /** In-process callers say who they are. */
  user?: Requester;
  certificate?: PeerCertificate;
}

/** A request's body: bytes from the network, or a JSON value from the same process, which must not be edited. */
export type RequestBody = { bytes: Uint8Array } | { value: unknown };

/** One request, whichever way it came. */
export interface ApiRequest {
  readonly method: string;
  /** Starts with `/`, decoded by nobody yet, without a query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names are lower-case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Each value of a header that came more than once, commas and all; absent where none comes twice. */
  values?(name: string): string[];
  readonly peer: Peer;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  body(): Promise<RequestBody>;
  /** The body as it comes, without a limit, instead of `body`; absent where it is no stream. */
  stream?(): AsyncIterable<Uint8Array>;
}

/** An answer that is whole when it begins. */
export interface ValueBody {
  shape: 'value';
  /** The JSON value; in-process callers get it as it is and must not edit it. */
  value(): unknown;
  /** The same as bytes, in pieces of reasonable size. */
  chunks(): Iterable<Uint8Array>;
  /** The number of bytes. */
  length(): number;
}

/** A watch: JSON values that come one by one. Exactly one of the two is read. */
export interface LinesBody {
  shape: 'lines';
  lines(): AsyncIterable<unknown>;
  /** The same as bytes, each piece one or more whole lines. */
  frames(): AsyncIterable<Uint8Array>;
}

/** A log, or the answer of a proxied server. */
export interface BytesBody {
  shape: 'bytes';
  chunks: AsyncIterable<Uint8Array>;
}

export type ResponseBody = ValueBody | LinesBody | BytesBody;

export interface ApiResponse {
  status: number;
  headers: Record<string, string>;
  body?: ResponseBody;
  /** Texts of Warning headers. */
  warnings?: readonly string[];
  /** Set with status 101: what happens on the connection from now on. */
  upgrade?: Upgrade;
}

/** Messages of a WebSocket, on the network or in the same process. */
export interface MessageSocket {
  readonly messages: AsyncIterable<Uint8Array>;
  /** Resolves when there is room for more. */
  send(message: Uint8Array): Promise<void>;
  close(code?: number): void;
}

/** How an upgraded connection goes on. `run` ends with the session. */
export type Upgrade =
  | { kind: 'websocket'; protocol: string; isText?: boolean; run(socket: MessageSocket): Promise<void> }
  | { kind: 'spdy'; protocol: string; run(connection: Duplex): Promise<void> }
  /** Somebody else shakes hands: `run` gets the connection as it is. */
  | { kind: 'raw'; run(connection: Duplex): Promise<void> };
