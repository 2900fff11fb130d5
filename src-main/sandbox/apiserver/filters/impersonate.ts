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
    if (header.startsWith(EXTRA)) extra[decodeURIComponent(header.slice(EXTRA.length))] = split(value);
  }
  if (name) return { name, groups, ...(uid ? { uid } : {}), ...(Object.keys(extra).length > 0 ? { extra } : {}) };
  if (groups.length > 0 || uid) throw badRequest('requested impersonation without a user name');
  return undefined;
}

const split = (value: string | undefined): string[] => (value ? value.split(',').map((one) => one.trim()) : []);

/** A service account brings its groups along. */
function withGroups(user: Requester): Requester {
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user.name);
  if (!account || user.groups.length > 0) return user;
  return { ...user, groups: ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] };
}

function demandRight({ user, server }: Exchange, wanted: Requester): void {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(wanted.name);
  const subject = account
    ? { resource: 'serviceaccounts', name: account[2] ?? '', namespace: account[1] ?? '' }
    : { resource: 'users', name: wanted.name, namespace: '' };
  const groups = wanted.groups.map((name) => ({ resource: 'groups', name, namespace: '' }));
  for (const one of [subject, ...groups]) {
    const attributes = { ...one, user, verb: 'impersonate', group: '', subresource: '' };
    const verdict = server.authorizer.authorize(attributes);
    if (!verdict.allowed) throw accessForbidden(attributes, verdict.reason);
  }
}
