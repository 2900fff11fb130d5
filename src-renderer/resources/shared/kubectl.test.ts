import { describe, expect, it } from 'vitest';
import type { ResourceRef } from '#common/contract/shapes';
import {
  applyCommand,
  contextOf,
  deleteCommand,
  describeCommand,
  execCommand,
  forwardCommand,
  logsCommand,
  quoted,
  restartCommand,
  scaleCommand,
  yamlCommand,
} from './kubectl';

const pods: ResourceRef = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true };
const deployments: ResourceRef = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
};
const nodes: ResourceRef = { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false };
const widgets: ResourceRef = {
  group: 'example.com',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
};

const cluster = 'context:prod';
const web = { cluster, resource: deployments, namespace: 'shop', name: 'web' };

describe('kubectl commands', () => {
  it.each([
    ['scale', scaleCommand(web, 40), 'kubectl scale deployment/web --replicas=40 -n shop --context prod'],
    ['restart', restartCommand(web), 'kubectl rollout restart deployment/web -n shop --context prod'],
    [
      'a cluster-scoped kind',
      describeCommand({ cluster, resource: nodes, name: 'node-1' }),
      'kubectl describe node/node-1 --context prod',
    ],
    [
      'a custom resource',
      yamlCommand({ cluster, resource: widgets, namespace: 'a', name: 'w' }),
      'kubectl get widgets.example.com/w -o yaml -n a --context prod',
    ],
    [
      'a shell',
      execCommand({ cluster: 'sandbox:lab', namespace: 'shop', pod: 'web-1', container: 'nginx' }),
      'kubectl exec -it web-1 -c nginx -n shop --context lab -- sh',
    ],
    [
      'a forward',
      forwardCommand({ cluster, namespace: 'shop', kind: 'Service', name: 'web' }, 80, 8080),
      'kubectl port-forward service/web 8080:80 -n shop --context prod',
    ],
    [
      'an apply by force',
      applyCommand(cluster, 'shop', true),
      'kubectl apply --server-side --force-conflicts -f FILE -n shop --context prod',
    ],
    [
      'logs of a selector',
      logsCommand({
        cluster,
        namespace: 'shop',
        labelSelector: 'app=web,tier in (a, b)',
        follow: true,
        previous: false,
        tailLines: 100,
        sinceSeconds: 900,
      }),
      "kubectl logs -l 'app=web,tier in (a, b)' --all-containers -f --tail=100 --since=900s -n shop --context prod",
    ],
  ])('writes %s', (_, command, expected) => {
    expect(command).toBe(expected);
  });

  it('deletes what can be deleted together with one command', () => {
    const targets = [
      { resource: pods, namespace: 'shop', name: 'a' },
      { resource: pods, namespace: 'shop', name: 'b' },
      { resource: pods, namespace: 'ml', name: 'c' },
    ];
    expect(deleteCommand(cluster, targets)).toBe(
      'kubectl delete pod a b -n shop --context prod\nkubectl delete pod c -n ml --context prod',
    );
  });

  it.each([
    { choice: { propagation: 'Foreground' as const }, options: '--cascade=foreground' },
    { choice: { propagation: 'Orphan' as const, gracePeriodSeconds: 5 }, options: '--cascade=orphan --grace-period=5' },
    { choice: { gracePeriodSeconds: 0 }, options: '--grace-period=0 --force' },
  ])('writes the choice as $options', ({ choice, options }) => {
    expect(deleteCommand(cluster, [{ resource: pods, namespace: 'shop', name: 'a' }], choice)).toBe(
      `kubectl delete pod a ${options} -n shop --context prod`,
    );
  });
});

describe('quoted', () => {
  it.each([
    ['plain-1.2_3/4', 'plain-1.2_3/4'],
    ['two words', "'two words'"],
    ["it's", String.raw`'it'\''s'`],
    ['$(rm -rf /)', "'$(rm -rf /)'"],
    ['', "''"],
  ])('%s', (word, expected) => {
    expect(quoted(word)).toBe(expected);
  });
});

describe('contextOf', () => {
  it('keeps colons of the context itself', () => {
    expect(contextOf('context:arn:aws:eks:eu:1:cluster/x')).toBe('arn:aws:eks:eu:1:cluster/x');
  });
});
