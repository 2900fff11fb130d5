/** The hash that names a revision is taken by something else: another one is found, and counted. */
import type { Flow, FlowStep, Manifest } from '../flow';
import { app, deployment, noted } from './manifests';

const flow = (name: string, ...steps: FlowStep[]): Flow => ({ name: `collisions/${name}`, steps });

const takenRevision: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  metadata: { name: '{only:controllerrevisions}' },
  data: { somebody: 'else' },
  revision: 7,
};

/** Made once to learn how its revision is called, and again when that name is taken. */
function madeTwice(manifest: Manifest, target: string): FlowStep[] {
  return [
    { create: manifest },
    { keepOnly: 'controllerrevisions' },
    { quiet: true },
    { remove: target, policy: 'Foreground' },
    { gone: target },
    { gone: 'controllerrevisions/{only:controllerrevisions}' },
    { create: takenRevision },
    { create: manifest },
    ...noted('another name'),
  ];
}

const none = { spec: { nodeSelector: { nobody: 'here' } } };

export const collisionFlows: readonly Flow[] = [
  flow('daemonset', ...madeTwice(app('DaemonSet', 'agent', { pod: none }), 'daemonsets/agent')),
  flow('statefulset', ...madeTwice(app('StatefulSet', 'db', { replicas: 0, serviceName: 'db' }), 'statefulsets/db')),
  flow(
    'deployment',
    { create: deployment('web', { replicas: 1 }) },
    { keepOnly: 'replicasets' },
    { until: 'deployments/web', has: { 'status.availableReplicas': 1 } },
    { quiet: true },
    {
      patch: 'replicasets/{only:replicasets}',
      with: { spec: { template: { metadata: { annotations: { look: 'other' } } } } },
    },
    { until: 'deployments/web', has: { 'status.collisionCount': 1, 'status.unavailableReplicas': undefined } },
    ...noted('another name'),
  ),
];
