import * as tls from 'node:tls';

/** Whom a TLS client believes. */
export interface TlsTrust {
  /** PEM certificates that alone are believed; absent: the computer's. */
  ca?: string;
  /** The name the server's certificate must have, when it is not the host of its URL. */
  serverName?: string;
  /** Believe anyone. Shown to the person wherever the cluster is shown. */
  insecureSkipVerify?: boolean;
}

/** Options of `tls.connect` for `trust`. */
export function trustOptions({ ca, serverName, insecureSkipVerify }: TlsTrust): tls.ConnectionOptions {
  const believed = ca ?? systemCertificates();
  return {
    ...(believed ? { ca: believed } : {}),
    ...(serverName ? { servername: serverName } : {}),
    rejectUnauthorized: !insecureSkipVerify,
  };
}

let system: string[] | undefined;

/** The certificates of the operating system with Node's own, where this Node can read them (22.15 and newer). */
function systemCertificates(): string[] | undefined {
  const node = tls as typeof tls & { getCACertificates?: (type: 'default' | 'system') => string[] };
  if (!node.getCACertificates) return undefined;
  system ??= [...node.getCACertificates('default'), ...node.getCACertificates('system')];
  return system;
}
