import type { AccessAttributes } from '#main/sandbox/authz/attributes';
import type { Requester } from '#main/sandbox/registry/registry-context';
import { badRequest } from '#main/sandbox/registry/status-errors';
import type { ApiRequest } from '../api-request';
import type { Filter } from '../chain';
import type { Exchange } from '../exchange';
import { accessOf } from './authorize';
import { impersonated } from './impersonation-modes';

const EXTRA = 'impersonate-extra-';

/** Lets those who may speak as somebody else. */
export const impersonate: Filter = async (exchange, next) => {
  const wanted = wantedUser(exchange);
  if (wanted) {
    const { user, server } = exchange;
    const request = { ...accessOf(exchange), user };
    const authorize = (attributes: AccessAttributes) => server.authorizer.authorize(attributes);
    exchange.user = impersonated({ wanted, request, authorize, lastModes: server.impersonationModes });
  }
  return next();
};

function wantedUser({ request }: Exchange): Requester | undefined {
  const { headers } = request;
  const name = headers['impersonate-user'];
  const groups = valuesOf(request, 'impersonate-group');
  const uid = headers['impersonate-uid'];
  const extra: Record<string, string[]> = {};
  for (const header in headers) {
    if (header.startsWith(EXTRA)) extra[decoded(header.slice(EXTRA.length))] = valuesOf(request, header);
  }
  const hasExtra = Object.keys(extra).length > 0;
  const wanted: Requester = { name: name ?? '', groups, ...(uid ? { uid } : {}), ...(hasExtra ? { extra } : {}) };
  if (name) return wanted;
  if (groups.length === 0 && !uid && !hasExtra) return undefined;
  throw badRequest(`requested ${goText(wanted)} without impersonating a user name`);
}

/** Keys of extras are escaped as in a path; what is not stays as it came. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** A header may come several times, and a value may have commas of its own. */
function valuesOf(request: ApiRequest, name: string): string[] {
  const joined = request.headers[name];
  if (!joined) return [];
  return request.values?.(name) ?? joined.split(',').map((one) => one.trim());
}

/** The struct of the server itself, as Go writes it in full. */
function goText({ name, uid = '', groups, extra }: Requester): string {
  const list = (all: readonly string[]) => `[]string{${all.map((one) => JSON.stringify(one)).join(', ')}}`;
  const groupsText = groups.length > 0 ? list(groups) : '[]string(nil)';
  const entries = Object.entries(extra ?? {}).map(([key, all]) => `${JSON.stringify(key)}:${list(all)}`);
  const extraText = extra ? `map[string][]string{${entries.join(', ')}}` : 'map[string][]string(nil)';
  const fields = `Name:${JSON.stringify(name)}, UID:${JSON.stringify(uid)}, Groups:${groupsText}, Extra:${extraText}`;
  return `&user.DefaultInfo{${fields}}`;
}
