import { timingSafeEqual } from 'node:crypto';

/** What a route may be asked with: the headers that say who asks and from where. */
export interface RequestHead {
  method: string;
  /** Path and query as they came. */
  url: string;
  host: string | undefined;
  origin: string | undefined;
  cookie: string | undefined;
}

export interface AccessRules {
  port: number;
  /** The secret in the printed address. */
  key: string;
  /** The secret in the cookie it is exchanged for. */
  ticket: string;
}

export type Verdict =
  | { kind: 'allow'; path: string }
  /** The key was right: set the cookie and take it out of the address bar. */
  | { kind: 'exchange' }
  | { kind: 'refuse'; status: number; message: string };

/** Cookies are shared by all ports of a host, so the port is in the name. */
export const cookieName = (port: number): string => `pilothouse-${port}`;

/**
 * Decides who may use the host. Host is checked against DNS rebinding, Origin against other sites in the same browser,
 * the secret against other people on the same computer. `upgrade` requests must name their Origin: browsers always do.
 */
export function judge(head: RequestHead, rules: AccessRules, upgrade = false): Verdict {
  const hosts = [`127.0.0.1:${rules.port}`, `localhost:${rules.port}`];
  if (!head.host || !hosts.includes(head.host)) return refuse(421, 'This address is not served here.');
  if (head.method !== 'GET' && head.method !== 'HEAD') return refuse(405, 'Only GET is answered here.');
  const foreign = head.origin === undefined ? upgrade : head.origin !== `http://${head.host}`;
  if (foreign) return refuse(403, 'Requests from other sites are refused.');
  const url = parseUrl(head.url);
  return url ? identify(url, head.cookie, rules, upgrade) : refuse(400, 'The address cannot be read.');
}

function identify(url: URL, cookie: string | undefined, rules: AccessRules, upgrade: boolean): Verdict {
  const key = upgrade ? null : url.searchParams.get('key');
  if (sameSecret(cookieValue(cookie, cookieName(rules.port)), rules.ticket)) {
    return key === null ? { kind: 'allow', path: url.pathname } : { kind: 'exchange' };
  }
  if (url.pathname === '/' && sameSecret(key ?? undefined, rules.key)) return { kind: 'exchange' };
  return refuse(401, 'Open the address that Pilothouse printed when it started: it carries the key of this launch.');
}

function refuse(status: number, message: string): Verdict {
  return { kind: 'refuse', status, message };
}

function parseUrl(url: string): URL | undefined {
  return URL.canParse(url, 'http://localhost') ? new URL(url, 'http://localhost') : undefined;
}

function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

function sameSecret(given: string | undefined, expected: string): boolean {
  if (given === undefined) return false;
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
