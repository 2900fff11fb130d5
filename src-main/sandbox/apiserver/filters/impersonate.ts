import type { Requester } from '#main/sandbox/registry/registry-context';
import { authenticated } from '#main/sandbox/authn/user';
import { accessForbidden } from '#main/sandbox/authz/forbidden';
import { badRequest } from '#main/sandbox/registry/status-errors';
import type { Filter } from '../chain';
import type { Exchange } from '../exchange';

const EXTRA = 'impersonate-extra-';

/** Lets those who may speak as somebody else. */
export const impersonate: Filter = async (exchange, next) => {
  const wanted = wantedUser(exchange);
  if (wanted) {
    demandRight(exchange, wanted);
    exchange.user = authenticated(withGroups(wanted));
  }
  return next();
};

function wantedUser({ request: { headers } }: Exchange): Requester | undefined {
  const name = headers['impersonate-user'];
  const groups = split(headers['impersonate-group']);
  const uid = headers['impersonate-uid'];
  const extra: Record<string, string[]> = {};
  for (const [header, value] of Object.entries(headers)) {
    if (header.startsWith(EXTRA)) extra[decoded(header.slice(EXTRA.length))] = split(value);
  }
  if (name) return { name, groups, ...(uid ? { uid } : {}), ...(Object.keys(extra).length > 0 ? { extra } : {}) };
  if (groups.length > 0 || uid || Object.keys(extra).length > 0) {
    throw badRequest('requested impersonation without a user name');
  }
  return undefined;
}

/** Keys of extras are escaped as in a path; what is not stays as it came. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

const split = (value: string | undefined): string[] => (value ? value.split(',').map((one) => one.trim()) : []);

/** A service account brings its groups along. */
function withGroups(user: Requester): Requester {
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user.name);
  if (!account || user.groups.length > 0) return user;
  return { ...user, groups: ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] };
}

interface Claim {
  group: string;
  resource: string;
  subresource: string;
  name: string;
  namespace: string;
}

/** Each thing that is claimed needs a right of its own. */
function demandRight({ user, server }: Exchange, wanted: Requester): void {
  for (const one of claimsOf(wanted)) {
    const attributes = { ...one, user, verb: 'impersonate' };
    const verdict = server.authorizer.authorize(attributes);
    if (!verdict.allowed) throw accessForbidden(attributes, verdict.reason);
  }
}

const AUTHENTICATION = 'authentication.k8s.io';

function claimsOf({ name, groups, uid, extra = {} }: Requester): Claim[] {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  const plain = { group: '', subresource: '', namespace: '' };
  const subject = account
    ? { ...plain, resource: 'serviceaccounts', name: account[2] ?? '', namespace: account[1] ?? '' }
    : { ...plain, resource: 'users', name };
  const about = { ...plain, group: AUTHENTICATION };
  return [
    subject,
    ...groups.map((group) => ({ ...plain, resource: 'groups', name: group })),
    ...(uid ? [{ ...about, resource: 'uids', name: uid }] : []),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => ({ ...about, resource: 'userextras', subresource: key, name: value })),
    ),
  ];
}
