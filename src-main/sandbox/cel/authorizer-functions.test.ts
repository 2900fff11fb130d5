import { describe, expect, it } from 'vitest';
import { CelAuthorizer } from './authorizer-functions';
import { compiled } from './expressions';

const asked = (expression: string): [unknown, unknown] => {
  let seen: unknown;
  const ask = (check: object) => {
    seen = check;
    return { allowed: true, reason: 'because' };
  };
  return [compiled(expression)({ authorizer: new CelAuthorizer({ name: 'jane', groups: [] }, ask) }), seen];
};
const plain = { user: { name: 'jane', groups: [] }, group: '', resource: '', subresource: '', namespace: '', name: '' };

describe('authorizer', () => {
  it.each([
    [
      'authorizer.group("apps").resource("deployments").subresource("scale").namespace("shop").name("web").check("update").allowed()',
      true,
      {
        ...plain,
        group: 'apps',
        resource: 'deployments',
        subresource: 'scale',
        namespace: 'shop',
        name: 'web',
        verb: 'update',
      },
    ],
    ['authorizer.path("/metrics").check("get").reason()', 'because', { ...plain, path: '/metrics', verb: 'get' }],
    [
      'authorizer.serviceAccount("shop", "robot").group("").resource("pods").check("list").errored()',
      false,
      {
        ...plain,
        user: {
          name: 'system:serviceaccount:shop:robot',
          groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
        },
        resource: 'pods',
        verb: 'list',
      },
    ],
  ])('%s', (expression, answer, check) => {
    expect(asked(expression)).toEqual([answer, check]);
  });
});
