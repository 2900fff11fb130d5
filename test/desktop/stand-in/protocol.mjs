/** Chromium alone knows no schemes of ours: `app://name/…` is `https://name.app.test/…` there. */
const handlers = new Map();

export const privileged = [];

export const protocol = {
  registerSchemesAsPrivileged(schemes) {
    privileged.push(...schemes);
  },
  handle(scheme, handler) {
    handlers.set(scheme, handler);
  },
};

export function toPageUrl(url) {
  const { protocol: scheme, hostname, pathname, search, hash } = new URL(url);
  if (/^https?:$/.test(scheme)) return url;
  return `https://${hostname}.${scheme.slice(0, -1)}.test${pathname}${search}${hash}`;
}

export function fromPageUrl(url) {
  if (!URL.canParse(url)) return url;
  const { hostname, pathname, search, hash } = new URL(url);
  const match = /^(.+)\.([a-z]+)\.test$/.exec(hostname);
  return match ? `${match[2]}://${match[1]}${pathname}${search}${hash}` : url;
}

/** What the program answers to a request of a page; nothing for a scheme it does not handle. */
export async function answer(pageUrl, method) {
  const url = fromPageUrl(pageUrl);
  const handler = handlers.get(new URL(url).protocol.slice(0, -1));
  if (!handler) return undefined;
  const response = await handler(new Request(url, { method }));
  const headers = Object.fromEntries(response.headers);
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers, body: asSeenUnderScheme(body, headers['content-type'], url) };
}

/** Scripts that look at their scheme see the one that was asked for. */
function asSeenUnderScheme(body, contentType, url) {
  if (!contentType?.startsWith('text/javascript')) return body;
  const scheme = JSON.stringify(new URL(url).protocol);
  return Buffer.from(body.toString('utf8').replace(/\b(?:window\.)?location\.protocol\b/g, scheme));
}
