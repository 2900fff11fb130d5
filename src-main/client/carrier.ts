/** One request as a carrier takes it, before it is bytes. */
export interface CarrierRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Starts with `/`, without a query. */
  path: string;
  query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  headers?: Readonly<Record<string, string>>;
  /** A JSON value. A carrier in the same process hands it over as it is: it must not be edited afterwards. */
  body?: unknown;
  /** Content type of `body`; `application/json` unless given. A string or Uint8Array `body` is sent as it is. */
  contentType?: string;
  signal?: AbortSignal | undefined;
  /** Time until the head of the answer, in milliseconds; signing in is not counted. Absent: as long as the caller waits. */
  timeoutMs?: number;
}

/** The head of an answer; the body is read with exactly one of the three readers. Status 4xx/5xx is not an exception here. */
export interface CarrierResponse {
  status: number;
  headers: Readonly<Record<string, string>>;
  json(): Promise<unknown>;
  /** One value per line of a watch answer, as they come. Ends when the server ends it; throws when it breaks. */
  lines(): AsyncIterable<unknown>;
  /** Raw chunks (logs). */
  chunks(): AsyncIterable<Uint8Array>;
}

/** A WebSocket-like upgraded connection to exec, attach or port-forward. */
export interface CarrierSocket {
  /** The subprotocol the server chose. */
  readonly protocol: string;
  /** Binary messages as they come; ends with the connection. */
  readonly messages: AsyncIterable<Uint8Array>;
  /** Resolves when the message is handed to the network: awaiting it is the back-pressure. */
  send(message: Uint8Array): Promise<void>;
  close(): void;
}

export interface UpgradeRequest {
  path: string;
  query?: CarrierRequest['query'];
  protocols: readonly string[];
  signal?: AbortSignal | undefined;
}

/** Takes requests to one API server: over HTTPS (`https-carrier.ts`), or by a function call in the same process. */
export interface Carrier {
  send(request: CarrierRequest): Promise<CarrierResponse>;
  /** Rejects with ApiStatusError when the server refuses the upgrade. */
  upgrade(request: UpgradeRequest): Promise<CarrierSocket>;
  close(): Promise<void>;
}
