import { createSecureContext, type SecureContext } from 'node:tls';
import type { IngressView } from '#main/base/pod-network';
import { issueCertificate, keyText, newKey } from '#main/base/x509/certificate';
import type { TlsIdentity } from '../tls-door';

const YEAR_MS = 365 * 86_400_000;
const FAKE = { commonName: 'Kubernetes Ingress Controller Fake Certificate', organization: 'Acme Co' };

/** The certificates of Secrets by the names that clients ask for, and ingress-nginx' fake one for everything else. */
export function ingressIdentity(view: IngressView): TlsIdentity {
  // Made of texts: a Secret that changes has others.
  const contexts = new Map<string, SecureContext | undefined>();
  return {
    standard: fakeCertificate,
    contextFor(name) {
      const pair = view.certificate(name);
      if (!pair) return undefined;
      const text = pair.certificate + pair.key;
      if (!contexts.has(text)) {
        if (contexts.size >= MOST_KEPT) contexts.clear();
        contexts.set(text, contextOf(pair));
      }
      return contexts.get(text);
    },
  };
}

const MOST_KEPT = 1000;

/** Undefined where certificate and key do not belong together, or are none. */
function contextOf({ certificate, key }: { certificate: string; key: string }): SecureContext | undefined {
  try {
    return createSecureContext({ cert: certificate, key });
  } catch {
    // The fake one is shown instead, as for a Secret that is not there.
    return undefined;
  }
}

let fake: SecureContext | undefined;

function fakeCertificate(): SecureContext {
  if (fake) return fake;
  const key = newKey();
  const nowMs = Date.now();
  const validity = { notBeforeMs: nowMs - 60_000, notAfterMs: nowMs + YEAR_MS };
  const request = { subject: FAKE, usage: 'server', names: ['ingress.local'], ...validity } as const;
  fake = createSecureContext({ cert: issueCertificate(request, key, { subject: FAKE, key }), key: keyText(key) });
  return fake;
}
