import { describe, expect, it } from 'vitest';
import { Authorizer } from './authorizer';

const nothing = { get: () => undefined, *list() {} };
const somebody = { name: 'somebody', groups: [] };
const question = {
  user: somebody,
  verb: 'get',
  group: '',
  resource: 'pods',
  subresource: '',
  name: '',
  namespace: 'a',
};

describe('an authorizer without a role', () => {
  it('allows nobody but masters anything', () => {
    const authorizer = new Authorizer(nothing, []);
    expect(authorizer.authorize(question).allowed).toBe(false);
    const master = { name: 'root', groups: ['system:masters'] };
    expect(authorizer.authorize({ ...question, user: master }).allowed).toBe(true);
    expect(authorizer.report(somebody, 'a').rules).toEqual([]);
  });

  it('allows everybody everything where it is told so', () => {
    const authorizer = new Authorizer(nothing, [], { allowsAll: true });
    expect(authorizer.authorize(question).allowed).toBe(true);
    expect(authorizer.report(somebody, 'a').rules).toContainEqual({
      verbs: ['*'],
      apiGroups: ['*'],
      resources: ['*'],
    });
  });
});
