import { MODERN_GROUP, OLD_GROUP } from '../../backend-documents';
import { aggregationScript, apiService, ask, condition, outside, register, unregister } from './steps';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const named = (group: string, kind: string): string => `test.aggregation.${group}.${kind}`;
const gadget = (group: string): string => `/apis/${group}/v1/gadgets/{name}`;

const V2 = {
  definitions: [
    ...[MODERN_GROUP, OLD_GROUP].flatMap((group) => ['Gadget', 'List', 'Unused'].map((kind) => named(group, kind))),
    `${OBJECT_META}_v2`,
    `${OBJECT_META}_v3`,
  ],
  paths: [...[MODERN_GROUP, OLD_GROUP].flatMap((group) => [gadget(group), `/apis/${group}/v1/`]), '/elsewhere'],
  parameters: [],
};
const V3 = { paths: [`apis/${MODERN_GROUP}/v1`, `apis/${OLD_GROUP}/v1`] };

/** Documents of other servers: merged into that of version 2, listed and passed on in version 3. */
const documents = aggregationScript('aggregated-open-api', [
  outside('modern'),
  outside('old'),
  register('modern', apiService({ group: MODERN_GROUP }, 'modern')),
  condition('modern-passed', { group: MODERN_GROUP }, 'Passed'),
  ask('v3-document', `GET /openapi/v3/apis/${MODERN_GROUP}/v1?hash=AB12`, { until: { status: 200 } }),
  ask('v3-other-hash', `GET /openapi/v3/apis/${MODERN_GROUP}/v1?hash=ZZ`),
  ask('v3-without-hash', `GET /openapi/v3/apis/${MODERN_GROUP}/v1`),
  ask('v3-unlisted', `GET /openapi/v3/apis/${MODERN_GROUP}/v2`),
  ask('v3-index', 'GET /openapi/v3', { only: V3 }),
  register('old', apiService({ group: OLD_GROUP }, 'old')),
  condition('old-passed', { group: OLD_GROUP }, 'Passed'),
  ask('v3-of-v2', `GET /openapi/v3/apis/${OLD_GROUP}/v1`, { until: { status: 200 } }),
  ask('v2', 'GET /openapi/v2', { only: V2 }),
  unregister({ group: MODERN_GROUP }),
  unregister({ group: OLD_GROUP }),
  ask('v3-gone', `GET /openapi/v3/apis/${MODERN_GROUP}/v1`, { until: { status: 404 } }),
  ask('v2-gone', 'GET /openapi/v2', { only: V2 }),
]);

export const openApiScripts = [documents];
