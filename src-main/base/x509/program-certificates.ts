/**
 * The certificates that the programs of simulated images make for themselves. They cannot tell anybody of theirs, as
 * real ones do that write a bundle into a webhook's configuration: who would have been told may trust the authority
 * here. See docs/decisions/0007-certificates-of-programs.md.
 */
import { issueCertificate, keyText, newKey, type Issuer, type KeyedCertificate } from './certificate';

const YEAR_MS = 365 * 86_400_000;
const SUBJECT = { commonName: 'simulated-programs' };
const MOST_NAMES = 200;

interface Authority {
  issuer: Issuer;
  certificate: string;
}

let authority: Authority | undefined;
const issued = new Map<string, KeyedCertificate>();

/** The PEM text of who signs them all; another one in each process. */
export const programAuthority = (): string => ownAuthority().certificate;

/** A certificate for a server that is asked for by this name. */
export function programCertificate(name: string): KeyedCertificate {
  const before = issued.get(name);
  if (before) return before;
  if (issued.size >= MOST_NAMES) issued.clear();
  const key = newKey();
  const names = [...new Set([name, 'localhost', '127.0.0.1'])];
  const request = { subject: { commonName: name }, usage: 'server', names, ...validity() } as const;
  const made = { certificate: issueCertificate(request, key, ownAuthority().issuer), key: keyText(key) };
  issued.set(name, made);
  return made;
}

function ownAuthority(): Authority {
  if (!authority) {
    const key = newKey();
    const issuer = { subject: SUBJECT, key };
    const request = { subject: SUBJECT, usage: 'authority', ...validity() } as const;
    authority = { issuer, certificate: issueCertificate(request, key, issuer) };
  }
  return authority;
}

function validity() {
  const nowMs = Date.now();
  return { notBeforeMs: nowMs - YEAR_MS, notAfterMs: nowMs + 10 * YEAR_MS };
}
