/** PodDisruptionBudgets: how many disruptions they allow, and what they say when they cannot tell. */
import type { Flow, FlowStep, Manifest } from '../flow';
import { app, container, deployment, noted, scaleTo, type PodOptions } from './manifests';

const flow = (name: string, ...steps: readonly (FlowStep | FlowStep[])[]): Flow => ({
  name: `budgets/${name}`,
  steps: steps.flat(),
});

const budget = (spec: object): FlowStep => ({
  create: {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'few' },
    spec: { selector: { matchLabels: { tier: 'front' } }, ...spec },
  },
});

function pods(name: string, replicas: number, pod: PodOptions = {}): FlowStep[] {
  const isReady = pod.life?.['outcome'] !== 'unready';
  return [
    { create: deployment(name, { replicas, pod: { labels: { tier: 'front' }, ...pod } }) },
    { pods: `app=${name}`, are: { 'status.phase': 'Running' }, count: replicas },
    {
      until: `deployments/${name}`,
      has: { 'status.readyReplicas': isReady ? replicas : undefined, 'status.replicas': replicas },
    },
  ];
}

const barePod: Manifest = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'alone', labels: { app: 'alone', tier: 'front' } },
  spec: { containers: [container], terminationGracePeriodSeconds: 1 },
};
const bare: FlowStep[] = [{ create: barePod }, { pods: 'app=alone', are: { 'status.phase': 'Running' }, count: 1 }];

export const budgetFlows: readonly Flow[] = [
  flow('least', pods('web', 3), budget({ minAvailable: 2 }), noted('one may go')),
  flow('least-percent', pods('web', 3), budget({ minAvailable: '50%' }), noted('rounded up')),
  flow('least-of-all', pods('web', 2), budget({ minAvailable: '100%' }), noted('none may go')),
  flow('most', pods('web', 4), budget({ maxUnavailable: 1 }), noted('one may go')),
  flow('most-percent', pods('web', 4), budget({ maxUnavailable: '30%' }), noted('rounded up')),
  flow('most-of-all', pods('web', 2), budget({ maxUnavailable: 5 }), noted('all may go')),
  flow(
    'most-of-a-set',
    {
      create: app('StatefulSet', 'db', { replicas: 2, serviceName: 'db', pod: { labels: { tier: 'front' } } }),
    },
    { until: 'statefulsets/db', has: { 'status.readyReplicas': 2 } },
    budget({ maxUnavailable: '50%' }),
    noted('one may go'),
  ),
  flow(
    'unready',
    pods('web', 2),
    pods('slow', 1, { life: { outcome: 'unready' } }),
    budget({ maxUnavailable: 1 }),
    noted('none may go'),
  ),
  flow('two-owners', pods('web', 2), pods('more', 3), budget({ maxUnavailable: '40%' }), noted('counted together')),
  flow('bare-least', bare, budget({ minAvailable: 1 }), noted('none may go')),
  flow('bare-least-percent', bare, budget({ minAvailable: '50%' }), noted('cannot tell')),
  flow('bare-most', bare, budget({ maxUnavailable: 1 }), noted('cannot tell')),
  flow('bare-beside-others', bare, pods('web', 2), budget({ maxUnavailable: 1 }), noted('cannot tell')),
  flow('of-nobody', budget({ minAvailable: 1 }), noted('nothing to guard')),
  flow('of-everybody', pods('web', 2), budget({ selector: {}, minAvailable: 1 }), noted('one may go')),
  flow(
    'scaled',
    pods('web', 2),
    budget({ maxUnavailable: 1 }),
    { until: 'poddisruptionbudgets/few', has: { 'status.disruptionsAllowed': 1 } },
    scaleTo('deployments/web', 4),
    { until: 'deployments/web', has: { 'status.readyReplicas': 4 } },
    noted('four'),
    { patch: 'poddisruptionbudgets/few', with: { spec: { maxUnavailable: '60%' } } },
    noted('three may go'),
  ),
];
