import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls';
import { issueCertificate, keyText, newKey } from '#main/base/x509/certificate';

const YEAR_MS = 365 * 86_400_000;
const SUBJECT = { commonName: 'localhost' };

let context: SecureContext | undefined;

/** Speaks TLS on `connection` as a server does that made its certificate itself; `opened` gets what is inside. */
export function openTls(connection: Duplex, opened: (inside: Duplex) => void): void {
  const inside = new TLSSocket(connection as never, { isServer: true, secureContext: selfSigned() });
  // Whoever speaks no TLS, or goes away in the middle, is let go.
  inside.on('error', () => connection.destroy());
  inside.once('secure', () => opened(inside));
}

/** One for all servers of this process: clients of such a server do not look at it. */
function selfSigned(): SecureContext {
  if (context) return context;
  const key = newKey();
  const nowMs = Date.now();
  const request = { subject: SUBJECT, usage: 'server', names: ['localhost', '127.0.0.1'] } as const;
  const validity = { notBeforeMs: nowMs - YEAR_MS, notAfterMs: nowMs + 10 * YEAR_MS };
  const cert = issueCertificate({ ...request, ...validity }, key, { subject: SUBJECT, key });
  context = createSecureContext({ cert, key: keyText(key) });
  return context;
}
