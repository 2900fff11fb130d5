import type { Cases, Fields } from './family';

export const LABELS = { app: 'web' };
export const SELECTOR = { matchLabels: LABELS };
export const CONTAINER = { name: 'main', image: 'nginx:1.27' };
export const POD_BASE = { spec: { containers: [CONTAINER] } };
export const TEMPLATE = { metadata: { labels: LABELS }, spec: { containers: [CONTAINER] } };
export const JOB_TEMPLATE = { spec: { restartPolicy: 'Never', containers: [CONTAINER] } };

/** Cases about the spec. */
export const ofSpec = (cases: Cases): Cases => wrapped(cases, (spec) => ({ spec }));
/** Cases about the only container of a Pod. */
export const ofContainer = (cases: Cases): Cases =>
  wrapped(cases, (container) => ({ spec: { containers: [{ ...CONTAINER, ...container }] } }));
/** Cases about the only volume of a Pod. */
export const ofVolume = (cases: Cases): Cases =>
  wrapped(cases, (volume) => ({ spec: { volumes: [{ name: 'data', ...volume }] } }));
/** Cases about the spec of a Pod template. */
export const ofTemplate = (cases: Cases): Cases => wrapped(cases, (spec) => ({ spec: { template: { spec } } }));

export function wrapped(cases: Cases, wrap: (fields: Fields) => Fields): Cases {
  return Object.fromEntries(Object.entries(cases).map(([name, fields]) => [name, wrap(fields)]));
}
