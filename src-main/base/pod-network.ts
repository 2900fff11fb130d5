import type { Duplex } from 'node:stream';

export type ConnectFailure = 'refused' | 'timed-out' | 'no-route';

const WORDS: Readonly<Record<ConnectFailure, string>> = {
  refused: 'Connection refused',
  'timed-out': 'Connection timed out',
  'no-route': 'No route to host',
};

/** A connection inside a cluster that did not come about; the message is what the C library says. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly reason: ConnectFailure;

  constructor(reason: ConnectFailure) {
    super(WORDS[reason]);
    this.reason = reason;
  }
}

export type DnsType = 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR' | 'NS' | 'SOA';

export interface DnsRecord {
  /** Without the dot at its end. */
  name: string;
  type: DnsType;
  data: string;
  /** Seconds. */
  ttl: number;
}

export interface DnsAnswer {
  status: 'NOERROR' | 'NXDOMAIN';
  records: readonly DnsRecord[];
}

/** An Ingress backend as a controller finds it: where a request goes and with which path. */
export interface IngressRoute {
  address: string;
  port: number;
  path: string;
  /** Names the rule in the access log: `default-web-80`. */
  upstream: string;
  /** A redirect instead of a backend. */
  redirect?: string;
}

/** What a client asks an Ingress controller for. */
export interface IngressRequest {
  host: string;
  /** Decoded, without the query. */
  path: string;
  /** As it was sent. */
  url: string;
  isSecure: boolean;
}

/** What a controller serves TLS with. */
export interface IngressCertificate {
  /** PEM. */
  certificate: string;
  key: string;
}

/** The Ingresses of a class, as their controller sees them. */
export interface IngressView {
  route(request: IngressRequest): IngressRoute | undefined;
  /** Undefined where none is configured for the host, or its Secret is not there. */
  certificate(host: string): IngressCertificate | undefined;
  /** Secrets of certificates that are not there, `namespace/name`. */
  missingSecrets(): readonly string[];
  /** Told whenever Ingresses or Secrets change. */
  onChange(changed: () => void): Disposable;
}

/** The network as one Pod sees it. */
export interface PodNetwork {
  /** A TCP connection to an address. Rejects with a ConnectError, or with the reason of the signal. */
  connect(address: string, port: number, signal?: AbortSignal): Promise<Duplex>;
  /** Asks the name server at `server`; rejects with a ConnectError when none answers there. */
  query(server: string, name: string, type: DnsType, signal?: AbortSignal): Promise<DnsAnswer>;
  /** Whether an echo request is answered. */
  reaches(address: string): boolean;
  ingresses(ingressClass: string): IngressView;
}
