/** Links of a proxied server that lead back through the proxy (apimachinery's proxy.Transport). */

export interface RewriteScope {
  /** The path of the proxy: `/api/v1/namespaces/default/services/web/proxy`. */
  prefix: string;
  /** Hosts that mean the proxied server: its address and the Host the client asked for. */
  hosts: readonly string[];
}

/** A link as it has to stand in the answer; those that lead elsewhere, or are relative, stay. */
export function rewrittenLink(link: string, { prefix, hosts }: RewriteScope): string {
  const match = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/([^/?#]*))?(\/[^?#]*)?(.*)$/is.exec(link);
  const [, host = '', path = '', rest = ''] = match ?? [];
  if (!match || path === '' || (host !== '' && !hosts.includes(host)) || /^[a-z][a-z0-9+.-]*:(?!\/\/)/i.test(link)) {
    return link;
  }
  // What names the host of the client's own request keeps it.
  const origin = host !== '' && host === hosts.at(-1) ? link.slice(0, link.indexOf(host) + host.length) : '';
  return origin + (path.startsWith(prefix) ? path : prefix + path.replaceAll(/\/{2,}/g, '/')) + rest;
}

/** Which attributes of which tags are links. */
const LINKS: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
};

/** Comments, elements that hold plain text, or a start tag. */
const PIECES = /<!--.*?-->|(<(script|style|textarea|title)\b[^>]*>)(.*?)(?=<\/\2\b|$)|<([a-z][a-z0-9]*)\b[^>]*>/gis;
const ATTRIBUTE = /([^\s=>/"']+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s>"']+)/g;

/** The page with its links rewritten; everything else stays byte for byte. */
export function rewrittenPage(page: string, scope: RewriteScope): string {
  return page.replaceAll(PIECES, (whole: string, ...[plainTag, plainName, text, name]: (string | undefined)[]) => {
    if (plainTag && plainName) return rewrittenTag(plainTag, plainName, scope) + (text ?? '');
    return name ? rewrittenTag(whole, name, scope) : whole;
  });
}

function rewrittenTag(tag: string, name: string, scope: RewriteScope): string {
  const links = LINKS[name.toLowerCase()];
  if (!links) return tag;
  return tag.replaceAll(ATTRIBUTE, (attribute: string, key: string, equals: string, value: string) => {
    if (!links.includes(key.toLowerCase())) return attribute;
    const quote = /^["']/.exec(value)?.[0] ?? '';
    const link = quote ? value.slice(1, -1) : value;
    return key + equals + quote + rewrittenLink(link, scope) + quote;
  });
}
