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

export function accessOf({ user, info }: Pick<Exchange, 'user' | 'info'>): AccessAttributes {
  const { verb, group, plural, subresource, name, namespace } = info;
  return {
    user,
    verb,
    ...(info.isResource ? {} : { path: info.path }),
    group,
    resource: plural,
    subresource,
    name,
    namespace,
  };
}
