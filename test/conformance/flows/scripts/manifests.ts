import type { FlowStep, Manifest } from '../flow';

/** A container that every node has. */
export const container = { name: 'main', image: 'registry.k8s.io/pause:3.10' };

export interface PodOptions {
  labels?: Record<string, string>;
  /** `life.test/outcome` and its like. */
  life?: Record<string, string>;
  spec?: object;
}

/** A Pod template labelled `app=NAME`. */
export function template(name: string, { labels = {}, life = {}, spec = {} }: PodOptions = {}) {
  const annotations = Object.fromEntries(Object.entries(life).map(([key, value]) => [`life.test/${key}`, value]));
  return {
    metadata: {
      labels: { app: name, ...labels },
      ...(Object.keys(life).length > 0 ? { annotations } : {}),
    },
    spec: { containers: [container], terminationGracePeriodSeconds: 1, ...spec },
  };
}

/** An object of apps/v1 that selects `app=NAME`. */
export function app(
  kind: string,
  name: string,
  { pod, ...spec }: { pod?: PodOptions } & Record<string, unknown>,
): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: { selector: { matchLabels: { app: name } }, template: template(name, pod), ...spec },
  };
}

export const deployment = (name: string, spec: { pod?: PodOptions } & Record<string, unknown> = {}): Manifest =>
  app('Deployment', name, spec);

/** Gives the template another look, so that a rollout begins; new Pods live as `life` says. */
export const retemplate = (target: string, look: string, life: Record<string, string | null> = {}): FlowStep => ({
  patch: target,
  with: {
    spec: {
      template: {
        metadata: {
          annotations: {
            look,
            ...Object.fromEntries(Object.entries(life).map(([key, value]) => [`life.test/${key}`, value])),
          },
        },
      },
    },
  },
});

export const scaleTo = (target: string, replicas: number): FlowStep => ({
  patch: target,
  with: { spec: { replicas } },
});

/** Comes to rest, then notes the state. */
export const noted = (note: string): FlowStep[] => [{ quiet: true }, { note }];
