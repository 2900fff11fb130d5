import { accessForbidden } from '#main/sandbox/authz/forbidden';
import type { AccessAttributes } from '#main/sandbox/authz/attributes';
import type { Filter } from '../chain';
import type { Exchange } from '../exchange';

/** May they? */
export const authorize: Filter = async (exchange, next) => {
  const attributes = accessOf(exchange);
  const verdict = exchange.server.authorizer.authorize(attributes);
  if (!verdict.allowed) throw accessForbidden(attributes, verdict.reason);
  return next();
};

export function accessOf({ user, info, request }: Pick<Exchange, 'user' | 'info' | 'request'>): AccessAttributes {
  const { verb, group, plural, subresource, namespace } = info;
  const fields = OF_MANY.has(verb) ? exactFields(request.query.get('fieldSelector')) : undefined;
  return {
    user,
    verb,
    ...(info.isResource ? {} : { path: info.path }),
    group,
    resource: plural,
    subresource,
    name: info.name || (fields?.['metadata.name'] ?? ''),
    namespace,
    fields,
  };
}

const OF_MANY = new Set(['list', 'watch', 'deletecollection']);

/** The fields that a selector fixes to one value; undefined without any. Wrong selectors are refused later on. */
function exactFields(selector: string | null): Record<string, string> | undefined {
  if (!selector) return undefined;
  const terms = selector.split(/(?<!\\),/).flatMap((term) => {
    const found = /^([^=!]+)==?([^=].*|)$/s.exec(term.trim());
    return found ? [[found[1] ?? '', (found[2] ?? '').replaceAll(/\\(.)/gs, '$1')] as const] : [];
  });
  return terms.length > 0 ? Object.fromEntries(terms) : undefined;
}
