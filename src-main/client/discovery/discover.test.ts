import { describe, expect, it } from 'vitest';
import { ScriptedCarrier, statusOf, type Answer } from '#test/contracts/scripted-carrier';
import { createClient } from '../kube-client';
import { isBuiltInGroup } from './built-in-groups';
import { discover } from './discover';

/** Answers by path until every request has its answer. */
async function discoverWith(answers: Record<string, Answer>) {
  const carrier = new ScriptedCarrier();
  const found = discover(createClient(carrier));
  void (async () => {
    for (;;) {
      const ask = await carrier.next();
      ask.answer(answers[ask.request.path] ?? { status: 404, json: statusOf(404, 'NotFound') });
    }
  })();
  return found;
}

const pods = {
  resource: 'pods',
  responseKind: { kind: 'Pod' },
  scope: 'Namespaced',
  verbs: ['list', 'watch'],
  shortNames: ['po'],
};
const group = (name: string, ...versions: unknown[]) => ({ metadata: { name }, versions });
const aggregated = (...items: unknown[]) => ({ json: { kind: 'APIGroupDiscoveryList', items } });

describe('discovery', () => {
  it('reads two aggregated documents', async () => {
    const widgets = {
      resource: 'widgets',
      responseKind: { kind: 'Widget' },
      scope: 'Cluster',
      verbs: ['list'],
      subresources: [{ subresource: 'scale' }],
    };
    const { resources, failed } = await discoverWith({
      '/api': aggregated(group('', { version: 'v1', resources: [pods] })),
      '/apis': aggregated(
        group('example.com', { version: 'v2', resources: [widgets] }, { version: 'v1', resources: [widgets] }),
        group('metrics.k8s.io', { version: 'v1beta1', freshness: 'Stale', resources: [] }),
      ),
    });
    expect(resources).toMatchObject([
      {
        group: '',
        version: 'v1',
        plural: 'pods',
        kind: 'Pod',
        namespaced: true,
        shortNames: ['po'],
        custom: false,
        preferred: true,
      },
      {
        group: 'example.com',
        version: 'v2',
        plural: 'widgets',
        namespaced: false,
        custom: true,
        scalable: true,
        preferred: true,
      },
      { group: 'example.com', version: 'v1', plural: 'widgets', preferred: false },
    ]);
    expect(failed).toEqual(['metrics.k8s.io/v1beta1']);
  });

  it('asks each group of an older server, and one that fails spoils only itself', async () => {
    const { resources, failed } = await discoverWith({
      '/api': { json: { kind: 'APIVersions', versions: ['v1'] } },
      '/apis': {
        json: {
          kind: 'APIGroupList',
          groups: [
            {
              versions: [{ groupVersion: 'apps/v1beta1' }, { groupVersion: 'apps/v1' }],
              preferredVersion: { groupVersion: 'apps/v1' },
            },
            { versions: [{ groupVersion: 'metrics.k8s.io/v1beta1' }] },
          ],
        },
      },
      '/api/v1': { json: { resources: [{ name: 'pods', kind: 'Pod', namespaced: true, verbs: ['list'] }] } },
      '/apis/apps/v1': {
        json: {
          resources: [
            { name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['list'] },
            { name: 'deployments/scale', kind: 'Scale', namespaced: true, verbs: ['get'] },
          ],
        },
      },
      '/apis/apps/v1beta1': {
        json: { resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['list'] }] },
      },
      '/apis/metrics.k8s.io/v1beta1': { status: 503, json: statusOf(503, 'ServiceUnavailable') },
    });
    expect(resources.map((r) => `${r.group}/${r.version}/${r.plural} ${r.preferred} ${r.subresources.join()}`)).toEqual(
      ['/v1/pods true ', 'apps/v1/deployments true scale', 'apps/v1beta1/deployments false '],
    );
    expect(failed).toEqual(['metrics.k8s.io/v1beta1']);
  });

  it('shows the core group to those who may not see the others', async () => {
    const { resources } = await discoverWith({
      '/api': { json: { kind: 'APIVersions' } },
      '/apis': { status: 403, json: statusOf(403, 'Forbidden') },
      '/api/v1': { json: { resources: [{ name: 'pods', kind: 'Pod', namespaced: true, verbs: ['list'] }] } },
    });
    expect(resources.map((r) => r.plural)).toEqual(['pods']);
  });

  it('fails when the server shows nothing at all', async () => {
    await expect(discoverWith({ '/api': { json: {} }, '/apis': { json: {} } })).rejects.toThrow();
  });

  it.each([
    ['', true],
    ['apps', true],
    ['rbac.authorization.k8s.io', true],
    ['metrics.k8s.io', false],
    ['gateway.networking.k8s.io', false],
    ['example.com', false],
  ])('group "%s" is built in: %s', (name, expected) => expect(isBuiltInGroup(name)).toBe(expected));
});
