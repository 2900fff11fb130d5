import { describe, expect, it } from 'vitest';
import type { AccessAttributes } from '#main/sandbox/authz/attributes';
import type { Requester } from '#main/sandbox/registry/registry-context';
import { impersonated } from './impersonation-modes';

const who: Requester = {
  name: 'system:serviceaccount:shop:agent',
  groups: [],
  extra: { 'authentication.kubernetes.io/node-name': ['one'] },
};
const request = { user: who, verb: 'list', group: '', resource: 'pods', subresource: '', name: '', namespace: 'shop' };
const rightOf = ({ verb, resource, subresource, name }: AccessAttributes) =>
  `${verb} ${subresource ? `${resource}/${subresource}` : resource}${name ? ` ${name}` : ''}`;

/** Whom the agent becomes with these rights, or the refusal. */
function asked(wanted: Partial<Requester>, rights: string[], lastModes = new Map<string, string>()): unknown {
  const authorize = (attributes: AccessAttributes) => ({ allowed: rights.includes(rightOf(attributes)), reason: '' });
  try {
    return impersonated({ wanted: { name: 'jane', groups: [], ...wanted }, request, authorize, lastModes });
  } catch (problem) {
    return (problem as Error).message.replace(/.*cannot /, 'cannot ');
  }
}

const ON_USER = 'impersonate-on:user-info:list pods';
const robot = 'system:serviceaccount:shop:robot';

describe('impersonated', () => {
  it.each<[string, Partial<Requester>, string[], unknown]>([
    ['the older right', {}, ['impersonate users jane'], { name: 'jane', groups: ['system:authenticated'] }],
    [
      'a user, for this only',
      {},
      [ON_USER, 'impersonate:user-info users jane'],
      { name: 'jane', groups: ['system:authenticated'] },
    ],
    [
      'half of that',
      {},
      [ON_USER],
      'cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope',
    ],
    [
      'no right',
      {},
      [],
      'cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "shop"',
    ],
    [
      'groups of the project itself',
      { groups: ['system:masters'] },
      [ON_USER, 'impersonate:user-info users jane', 'impersonate:user-info groups system:masters'],
      'cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope: impersonating the system:masters group is not allowed',
    ],
    [
      'an account, with its groups',
      { name: robot },
      ['impersonate-on:serviceaccount:list pods', 'impersonate:serviceaccount serviceaccounts robot'],
      { name: robot, groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'] },
    ],
    [
      'its own node',
      { name: 'system:node:one' },
      ['impersonate-on:associated-node:list pods', 'impersonate:associated-node nodes *'],
      { name: 'system:node:one', groups: ['system:nodes', 'system:authenticated'] },
    ],
    [
      'another node by the right for its own',
      { name: 'system:node:two' },
      ['impersonate-on:associated-node:list pods', 'impersonate:associated-node nodes *'],
      'cannot impersonate-on:arbitrary-node:list resource "pods" in API group "" in the namespace "shop"',
    ],
    [
      'nobody',
      { name: 'system:anonymous' },
      ['impersonate users system:anonymous'],
      { name: 'system:anonymous', groups: ['system:unauthenticated'] },
    ],
  ])('%s', (_case, wanted, rights, expected) => {
    expect(asked(wanted, rights)).toEqual(expected);
  });

  it('tells the refusal of the way that was open before', () => {
    const lastModes = new Map<string, string>();
    asked({}, ['impersonate users jane'], lastModes);
    expect(asked({ name: 'joe' }, ['impersonate users jane'], lastModes)).toBe(
      'cannot impersonate resource "users" in API group "" at the cluster scope',
    );
  });
});
