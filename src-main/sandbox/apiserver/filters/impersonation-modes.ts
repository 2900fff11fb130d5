/**
 * The ways to speak as somebody else, in the order in which they are tried: as one's own node, as any node, as a service
 * account, as another user, each with a right for what is done besides the right to be whom one claims to be; and the
 * older way, which asks for the second only.
 */
import type { ApiStatusError } from '#common/kube/status-error';
import { accessForbidden } from '#main/sandbox/authz/forbidden';
import type { AccessAttributes, Verdict } from '#main/sandbox/authz/attributes';
import { dnsSubdomain } from '#main/sandbox/registry/names';
import type { Requester } from '#main/sandbox/registry/registry-context';

type Authorize = (attributes: AccessAttributes) => Verdict;

export interface Impersonation {
  wanted: Requester;
  /** The request itself, in the name of who sent it. */
  request: AccessAttributes & { user: Requester };
  authorize: Authorize;
  /** By the names of who asked: the way that was open last. */
  lastModes: Map<string, string>;
}

const NODE_USER = 'system:node:';
const NODE_NAME = 'authentication.kubernetes.io/node-name';
const AUTHENTICATION = 'authentication.k8s.io';
const MASTERS = 'system:masters';
const UNAUTHENTICATED = 'system:unauthenticated';
const AUTHENTICATED = 'system:authenticated';
const ANONYMOUS = 'system:anonymous';

interface Mode {
  /** Empty for the older way. */
  name: string;
  applies(impersonation: Impersonation): boolean;
}

const MODES: readonly Mode[] = [
  { name: 'associated-node', applies: ({ wanted, request }) => isBare(wanted) && isOwnNode(wanted, request.user) },
  { name: 'arbitrary-node', applies: ({ wanted }) => isBare(wanted) && nodeOf(wanted.name) !== undefined },
  { name: 'serviceaccount', applies: ({ wanted }) => isBare(wanted) && accountOf(wanted.name) !== undefined },
  { name: 'user-info', applies: ({ wanted }) => nodeOf(wanted.name) === undefined && !accountOf(wanted.name) },
  { name: '', applies: () => true },
];

/** Whom the request speaks for. Throws the refusal of the first way that was tried, where none is open. */
export function impersonated(impersonation: Impersonation): Requester {
  const { wanted, request, lastModes } = impersonation;
  const last = lastModes.get(request.user.name);
  // The way that somebody used before comes first, and so does its refusal.
  const ordered =
    last === undefined ? MODES : MODES.toSorted((a, b) => Number(b.name === last) - Number(a.name === last));
  let first: ApiStatusError | undefined;
  for (const mode of ordered) {
    if (!mode.applies(impersonation)) continue;
    const refusal = refusalBy(mode, impersonation);
    if (!refusal) {
      remember(lastModes, request.user.name, mode.name);
      return completed(mode, wanted);
    }
    first ??= refusal;
  }
  throw first ?? accessForbidden(impersonation.request, 'all impersonation modes failed');
}

const MOST_REMEMBERED = 10_000;

function remember(modes: Map<string, string>, user: string, mode: string): void {
  if (modes.size >= MOST_REMEMBERED && !modes.has(user)) modes.clear();
  modes.set(user, mode);
}

function refusalBy(mode: Mode, { wanted, request, authorize }: Impersonation): ApiStatusError | undefined {
  const prefix = mode.name ? `impersonate-on:${mode.name}:` : '';
  const checks = [
    ...(prefix ? [{ ...request, verb: `${prefix}${request.verb}` }] : []),
    ...claimsOf(mode, wanted).map((claim) => ({ ...claim, user: request.user })),
  ];
  for (const { refused, ...attributes } of checks as (AccessAttributes & { refused?: string })[]) {
    if (refused) return accessForbidden(attributes, refused);
    const { allowed, reason } = authorize(attributes);
    if (!allowed) return accessForbidden(attributes, reason);
  }
  return undefined;
}

type Claim = Omit<AccessAttributes, 'user'> & { refused?: string };

/** Each thing that is claimed needs a right of its own. */
function claimsOf(mode: Mode, wanted: Requester): Claim[] {
  const verb = mode.name ? `impersonate:${mode.name}` : 'impersonate';
  const claim = (group: string, resource: string, name: string, more: Partial<Claim> = {}): Claim => ({
    verb,
    group,
    resource,
    subresource: '',
    name,
    namespace: '',
    ...more,
  });
  const { name, groups, uid, extra = {} } = wanted;
  const subjectGroup = mode.name ? AUTHENTICATION : '';
  const groupRefusal = mode.name ? forbiddenGroup(groups) : undefined;
  return [
    subjectClaim(mode, name, (resource, subject, more) => claim(subjectGroup, resource, subject, more)),
    ...(uid ? [claim(AUTHENTICATION, 'uids', uid)] : []),
    ...(groupRefusal ? [claim(subjectGroup, 'groups', groupRefusal.name, { refused: groupRefusal.why })] : []),
    ...groups.map((group) => claim(subjectGroup, 'groups', group)),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => claim(AUTHENTICATION, 'userextras', value, { subresource: key })),
    ),
  ];
}

function subjectClaim(
  mode: Mode,
  name: string,
  claim: (resource: string, name: string, more?: Partial<Claim>) => Claim,
): Claim {
  const account = accountOf(name);
  if (account) return claim('serviceaccounts', account.name, { namespace: account.namespace });
  const node = mode.name ? nodeOf(name) : undefined;
  if (node !== undefined) return claim('nodes', mode.name === 'associated-node' ? '*' : node);
  return claim('users', name);
}

function forbiddenGroup(groups: readonly string[]): { name: string; why: string } | undefined {
  if (groups.includes('')) return { name: '', why: 'impersonating the empty string group is not allowed' };
  if (groups.includes(MASTERS)) return { name: MASTERS, why: `impersonating the ${MASTERS} group is not allowed` };
  return undefined;
}

/** Accounts and nodes bring their groups along. */
function completed(mode: Mode, wanted: Requester): Requester {
  const account = accountOf(wanted.name);
  let groups = [...wanted.groups];
  if (account && groups.length === 0)
    groups = ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`];
  if (mode.name.endsWith('node')) groups = ['system:nodes'];
  if (wanted.name === ANONYMOUS) return { ...wanted, groups: withGroup(groups, UNAUTHENTICATED) };
  return { ...wanted, groups: groups.includes(UNAUTHENTICATED) ? groups : withGroup(groups, AUTHENTICATED) };
}

const withGroup = (groups: string[], group: string): string[] => (groups.includes(group) ? groups : [...groups, group]);

function isBare({ uid, groups, extra }: Requester): boolean {
  return !uid && groups.length === 0 && Object.keys(extra ?? {}).length === 0;
}

function isOwnNode({ name }: Requester, { name: asker, extra }: Requester): boolean {
  const own = extra?.[NODE_NAME];
  return accountOf(asker) !== undefined && own?.length === 1 && nodeOf(name) === own[0];
}

function nodeOf(user: string): string | undefined {
  const name = user.startsWith(NODE_USER) ? user.slice(NODE_USER.length) : '';
  return name && dnsSubdomain(name).length === 0 ? name : undefined;
}

function accountOf(user: string): { namespace: string; name: string } | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  return namespace && name ? { namespace, name } : undefined;
}
