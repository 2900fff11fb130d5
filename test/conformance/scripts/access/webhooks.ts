import type { Exchange, Script } from '../../exchange';
import { accessScript, get, post, remove, tried } from './steps';

/** Webhooks: what they are asked, what becomes of their answers, and of those that give none. */

const GROUP = 'admissionregistration.k8s.io';
const VALIDATING = `/apis/${GROUP}/v1/validatingwebhookconfigurations`;
const MUTATING = `/apis/${GROUP}/v1/mutatingwebhookconfigurations`;
const MAPS = '/api/v1/namespaces/{ns}/configmaps';
const PODS = '/api/v1/namespaces/{ns}/pods';

type Fields = Record<string, unknown>;
const RULE = {
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: ['configmaps'],
};
const HOME = { matchLabels: { 'kubernetes.io/metadata.name': '{ns}' } };

/** A webhook about the objects whose label says its name. */
const hook = (name: string, path: string, fields: Fields = {}): Fields => ({
  name: `${name}.example.com`,
  clientConfig: { url: `{webhook}/${path}`, caBundle: '{authority}' },
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  rules: [RULE],
  namespaceSelector: HOME,
  objectSelector: { matchLabels: { case: name } },
  ...fields,
});
const at = (url: string) => ({ clientConfig: { url, caBundle: '{authority}' } });
const behind = (name: string) => ({ clientConfig: { service: { namespace: '{ns}', name, path: '/x' } } });

const map = (name: string, label = name) => ({ metadata: { name, labels: { case: label } }, data: { a: '1' } });
const asked = (name: string) => tried(name, MAPS, map(name));

/** A real server learns of webhooks a moment later. */
const waits = (prefix: string, count = 3): Exchange[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `${prefix}-${index + 1}`,
    request: `GET ${MAPS}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dnone`,
  }));

const statuses = [400, 401, 403, 404, 405, 406, 409, 415, 422, 429, 500, 503, 504, 418, 301];
const ANSWERS: Readonly<Record<string, Fields>> = {
  allow: hook('allow', 'allow'),
  deny: hook('deny', 'deny'),
  'deny-message': hook('deny-message', 'deny-message'),
  'deny-reason': hook('deny-reason', 'deny-reason'),
  'deny-details': hook('deny-details', 'deny-details'),
  warn: hook('warn', 'warn'),
  absent: hook('absent', 'absent'),
  'other-kind': hook('other-kind', 'other-kind'),
  'other-version': hook('other-version', 'other-version'),
  'other-uid': hook('other-uid', 'other-uid'),
  'no-kind': hook('no-kind', 'no-kind'),
  'no-json': hook('no-json', 'no-json'),
  'plain-text': hook('plain-text', 'plain-text'),
  empty: hook('empty', 'empty'),
  'hang-up': hook('hang-up', 'hang-up'),
  slow: hook('slow', 'slow', { timeoutSeconds: 1 }),
  refused: hook('refused', '', at('https://127.0.0.1:1/x')),
  'refused-ignored': hook('refused-ignored', '', { ...at('https://127.0.0.1:1/x'), failurePolicy: 'Ignore' }),
  'no-tls': hook('no-tls', '', at('{plain}/x')),
  'no-authority': hook('no-authority', '', { clientConfig: { url: '{webhook}/allow' } }),
  'no-certificate': hook('no-certificate', '', {
    clientConfig: { url: '{webhook}/allow', caBundle: 'bm90IGEgY2VydGlmaWNhdGU=' },
  }),
  'no-service': hook('no-service', '', behind('nobody')),
  'side-effects': hook('side-effects', 'deny', { sideEffects: 'NoneOnDryRun' }),
  'patch-of-judge': hook('patch-of-judge', 'annotate'),
  'condition-false': hook('condition-false', 'deny', {
    matchConditions: [{ name: 'never', expression: 'object.metadata.name == "nobody"' }],
  }),
  'condition-broken': hook('condition-broken', 'deny', {
    matchConditions: [{ name: 'broken', expression: 'object.data.nothing == "x"' }],
  }),
  'condition-broken-and-false': hook('condition-broken-and-false', 'deny', {
    matchConditions: [
      { name: 'broken', expression: 'object.data.nothing == "x"' },
      { name: 'never', expression: 'false' },
    ],
  }),
  'condition-two-broken': hook('condition-two-broken', 'deny', {
    matchConditions: [
      { name: 'one', expression: 'object.data.nothing == "x"' },
      { name: 'two', expression: 'object.other.nothing == "x"' },
    ],
  }),
  'condition-ignored': hook('condition-ignored', 'deny', {
    failurePolicy: 'Ignore',
    matchConditions: [{ name: 'broken', expression: 'object.data.nothing == "x"' }],
  }),
  'condition-user': hook('condition-user', 'deny', {
    matchConditions: [{ name: 'user', expression: 'request.userInfo.username != "" && request.operation == "CREATE"' }],
  }),
  'scope-cluster': hook('scope-cluster', 'deny', { rules: [{ ...RULE, scope: 'Cluster' }] }),
  'scope-namespaced': hook('scope-namespaced', 'deny', { rules: [{ ...RULE, scope: 'Namespaced' }] }),
  'other-group': hook('other-group', 'deny', { rules: [{ ...RULE, apiGroups: ['apps'] }] }),
  everything: hook('everything', 'deny', {
    rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] }],
  }),
  'update-only': hook('update-only', 'deny', { rules: [{ ...RULE, operations: ['UPDATE'] }] }),
  'first-version': hook('first-version', 'told', { admissionReviewVersions: ['v1beta1', 'v1'] }),
  told: hook('told', 'told'),
  ...Object.fromEntries(statuses.map((code) => [`status-${code}`, hook(`status-${code}`, `status/${code}`)])),
};

const judging = accessScript('validating-webhooks', GROUP, 'ValidatingWebhookConfiguration', [
  post('kept', MAPS, { metadata: { name: 'kept' }, data: { a: '1' } }),
  post('pod', PODS, {
    metadata: { name: 'web', labels: { case: 'connect' } },
    spec: { containers: [{ name: 'web', image: 'nginx' }] },
  }),
  post('configuration', VALIDATING, {
    metadata: { name: '{ns}' },
    webhooks: [
      ...Object.values(ANSWERS),
      hook('removed', 'told', { rules: [{ ...RULE, operations: ['DELETE'] }], objectSelector: {} }),
      hook('connect', 'told', {
        rules: [{ ...RULE, operations: ['CONNECT'], resources: ['pods/exec'] }],
        objectSelector: {},
      }),
      hook('scaler', 'deny-message', {
        rules: [{ ...RULE, apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'] }],
      }),
      hook('exact', 'deny-message', {
        matchPolicy: 'Exact',
        rules: [{ ...RULE, apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'] }],
      }),
    ],
  }),
  ...waits('wait'),
  ...Object.keys(ANSWERS).map(asked),
  {
    name: 'told-update',
    request: `PATCH ${MAPS}/kept?dryRun=All`,
    type: 'application/merge-patch+json',
    body: { metadata: { labels: { case: 'told' } } },
    counts: { verb: 'patch', detail: 'webhooks' },
  },
  remove('told-delete', `${MAPS}/kept?dryRun=All`),
  post('told-generated', `${MAPS}?dryRun=All`, { metadata: { generateName: 'gen-', labels: { case: 'told' } } }),
  {
    name: 'told-connect',
    request: `GET ${PODS}/web/exec?command=ls&container=web&stdout=true`,
    counts: { verb: 'connect', detail: 'webhooks' },
  },
  ...['scaler', 'exact'].map((name) =>
    tried(name, '/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers', {
      metadata: { name, labels: { case: name } },
      spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
    }),
  ),
  remove('configuration-gone', `${VALIDATING}/{ns}`),
]);

const CHANGES: Readonly<Record<string, Fields>> = {
  annotate: hook('annotate', 'annotate'),
  'patch-missing': hook('patch-missing', 'patch-missing'),
  'patch-test': hook('patch-test', 'patch-test'),
  'patch-type': hook('patch-type', 'patch-type'),
  'patch-words': hook('patch-words', 'patch-words'),
  'patch-no-type': hook('patch-no-type', 'patch-no-type'),
  'patch-odd-type': hook('patch-odd-type', 'patch-odd-type'),
  'type-no-patch': hook('type-no-patch', 'type-no-patch'),
  deny: hook('deny', 'deny-message'),
  refused: hook('refused', '', at('https://127.0.0.1:1/x')),
  'refused-ignored': hook('refused-ignored', '', { ...at('https://127.0.0.1:1/x'), failurePolicy: 'Ignore' }),
  told: hook('told', 'told'),
};
const counting = (name: string, label: string, reinvocationPolicy: string) =>
  hook(name, 'count', { reinvocationPolicy, objectSelector: { matchLabels: { case: label } } });

const changing = accessScript('mutating-webhooks', GROUP, 'MutatingWebhookConfiguration', [
  post('configuration', MUTATING, {
    metadata: { name: '{ns}' },
    webhooks: [
      ...Object.values(CHANGES),
      counting('again-a', 'again', 'IfNeeded'),
      counting('again-b', 'again', 'Never'),
      counting('once-a', 'once', 'Never'),
      counting('once-b', 'once', 'Never'),
      counting('all-a', 'all', 'IfNeeded'),
      counting('all-b', 'all', 'IfNeeded'),
    ],
  }),
  ...waits('wait'),
  ...[...Object.keys(CHANGES), 'again', 'once', 'all'].map(asked),
  tried('generated', MAPS, { metadata: { generateName: 'gen-', labels: { case: 'told' } } }),
  post('kept', MAPS, map('kept', 'annotate')),
  get('kept-read', `${MAPS}/kept`),
  remove('configuration-gone', `${MUTATING}/{ns}`),
]);

export const webhookScripts: readonly Script[] = [judging, changing].map((script) => ({ ...script, webhooks: true }));
