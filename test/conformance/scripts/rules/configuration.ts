import type { Script } from '../../exchange';
import { changes, made, removed, row, rules, selections, statusTries, statuses, tries, type Cases } from './family';
import {
  CONFIG_MAP,
  ENDPOINTS,
  EVENT,
  LIMIT_RANGE,
  NAMESPACE,
  NEW_EVENT,
  RESOURCE_QUOTA,
  SECRET,
  SERVICE_ACCOUNT,
} from './kind-paths';

const encoded = (text: string) => Buffer.from(text).toString('base64');

const configMaps: Cases = {
  key: { data: { 'a b': 'c' } },
  'key-dots': { data: { '..': 'c' } },
  'key-dot': { data: { '.': 'c' } },
  'key-up': { data: { '..a': 'c' } },
  'key-long': { data: { ['x'.repeat(254)]: 'c' } },
  'key-empty': { data: { '': 'c' } },
  'key-binary': { binaryData: { 'a/b': encoded('x') } },
  'key-twice': { data: { a: 'b' }, binaryData: { a: encoded('x') } },
  binary: { binaryData: { a: encoded('x') } },
  'not-base64': { binaryData: { a: '!' } },
  'data-number': { data: { a: 1 } },
  'too-large': { data: { a: 'x'.repeat(1024 * 1024 + 1) } },
  'annotation-size': { metadata: { annotations: { a: 'x'.repeat(256 * 1024) } } },
  'immutable-word': { immutable: 'yes' },
  empty: {},
};

const secrets: Cases = {
  key: { data: { 'a b': '' } },
  'string-data': { stringData: { a: 'b' }, data: { a: encoded('c'), d: encoded('e') } },
  token: { type: 'kubernetes.io/service-account-token' },
  'token-of-account': {
    type: 'kubernetes.io/service-account-token',
    metadata: { annotations: { 'kubernetes.io/service-account.name': 'default' } },
  },
  dockercfg: { type: 'kubernetes.io/dockercfg' },
  'dockercfg-words': { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': encoded('words') } },
  'docker-json': { type: 'kubernetes.io/dockerconfigjson' },
  'docker-json-right': {
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': encoded('{"auths":{}}') },
  },
  'docker-json-list': { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': encoded('[]') } },
  'docker-json-cut': { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': encoded('{"a"') } },
  basic: { type: 'kubernetes.io/basic-auth' },
  'basic-right': { type: 'kubernetes.io/basic-auth', stringData: { password: 'x' } },
  ssh: { type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': '' } },
  'ssh-right': { type: 'kubernetes.io/ssh-auth', stringData: { 'ssh-privatekey': 'key' } },
  tls: { type: 'kubernetes.io/tls' },
  'tls-half': { type: 'kubernetes.io/tls', stringData: { 'tls.crt': 'x' } },
  'tls-words': { type: 'kubernetes.io/tls', stringData: { 'tls.crt': 'x', 'tls.key': 'y' } },
  'own-type': { type: 'example.com/own' },
  'too-large': { data: { a: encoded('x'.repeat(1024 * 1024 + 1)) } },
};

const limit = (...limits: object[]) => ({ spec: { limits } });
const limitRanges: Cases = {
  'no-limits': { spec: { limits: [] } },
  'no-type': limit({ max: { cpu: '1' } }),
  type: limit({ type: 'Node', max: { cpu: '1' } }),
  'type-qualified': limit({ type: 'example.com/thing', max: { cpu: '1' } }),
  'type-twice': limit({ type: 'Pod', max: { cpu: '1' } }, { type: 'Pod', max: { cpu: '2' } }),
  resource: limit({ type: 'Container', max: { widgets: '1' } }),
  'resource-name': limit({ type: 'Pod', min: { 'a b': '1' } }),
  'not-for-containers': limit({ type: 'Container', max: { services: '1' } }),
  'pod-default': limit({ type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '1' } }),
  'min-above-max': limit({ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } }),
  'request-below-min': limit({ type: 'Container', min: { cpu: '2' }, defaultRequest: { cpu: '1' } }),
  'request-above-max': limit({ type: 'Container', max: { cpu: '2' }, defaultRequest: { cpu: '3' } }),
  'request-above-default': limit({ type: 'Container', default: { cpu: '2' }, defaultRequest: { cpu: '3' } }),
  'default-below-min': limit({ type: 'Container', min: { cpu: '2' }, default: { cpu: '1' } }),
  'default-above-max': limit({ type: 'Container', max: { cpu: '2' }, default: { cpu: '3' } }),
  'ratio-below-one': limit({ type: 'Container', maxLimitRequestRatio: { cpu: '0.5' } }),
  'ratio-above': limit({ type: 'Container', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '3' } }),
  'claim-none': limit({ type: 'PersistentVolumeClaim', max: { cpu: '1' } }),
  'claim-right': limit({ type: 'PersistentVolumeClaim', max: { storage: '10Gi' }, min: { storage: '1Gi' } }),
  'extended-different': limit({
    type: 'Container',
    default: { 'example.com/gpu': '2' },
    defaultRequest: { 'example.com/gpu': '1' },
  }),
  'defaults-from-max': limit({ type: 'Container', max: { cpu: '2', memory: '1Gi' }, min: { cpu: '1' } }),
  word: limit({ type: 'Container', max: { cpu: 'lots' } }),
};

const quota = (spec: object) => ({ spec });
const quotas: Cases = {
  empty: quota({}),
  resource: quota({ hard: { widgets: '1' } }),
  'resource-name': quota({ hard: { 'a b': '1' } }),
  negative: quota({ hard: { pods: '-1' } }),
  fraction: quota({ hard: { pods: '0.5' } }),
  'count-right': quota({ hard: { 'count/deployments.apps': '3' } }),
  'class-right': quota({ hard: { 'gold.storageclass.storage.k8s.io/requests.storage': '3Gi' } }),
  scope: quota({ scopes: ['Odd'] }),
  'scope-of-resource': quota({ scopes: ['BestEffort'], hard: { 'limits.cpu': '1' } }),
  'scopes-conflict': quota({ scopes: ['BestEffort', 'NotBestEffort'] }),
  'scopes-terminating': quota({ scopes: ['Terminating', 'NotTerminating'], hard: { pods: '1' } }),
  selector: quota({ scopeSelector: { matchExpressions: [{ scopeName: 'Odd', operator: 'Exists' }] } }),
  'selector-in-none': quota({ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] } }),
  'selector-exists-values': quota({
    scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] }] },
  }),
  'selector-operator': quota({
    scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Near' }] },
  }),
  'selector-best-effort': quota({
    scopeSelector: { matchExpressions: [{ scopeName: 'BestEffort', operator: 'In', values: ['a'] }] },
  }),
  'request-above-limit': quota({ hard: { 'requests.cpu': '2', 'limits.cpu': '1' } }),
  'status-ignored': { spec: { hard: { pods: '1' } }, status: { used: { pods: '5' } } },
};

const subset = (fields: object) => ({
  subsets: [{ addresses: [{ ip: '10.1.1.1' }], ports: [{ port: 80 }], ...fields }],
});
const endpoints: Cases = {
  'no-subsets': {},
  'no-addresses': subset({ addresses: [] }),
  ip: subset({ addresses: [{ ip: 'x', hostname: 'A_B', nodeName: 'A_B' }] }),
  'ip-loopback': subset({
    addresses: [{ ip: '127.0.0.1' }, { ip: '0.0.0.0' }, { ip: '169.254.1.1' }, { ip: '224.0.0.1' }],
  }),
  'ip-zeros': subset({ addresses: [{ ip: '010.001.001.001' }] }),
  'ip-six': subset({ addresses: [{ ip: '2001:DB8::0:1' }] }),
  'not-ready': subset({ addresses: [], notReadyAddresses: [{ ip: '10.1.1.1' }] }),
  port: subset({ ports: [{ port: 0, protocol: 'ICMP', appProtocol: 'a b' }] }),
  'ports-unnamed': subset({ ports: [{ port: 1 }, { port: 2 }] }),
  'port-name': subset({ ports: [{ port: 1, name: 'A_B' }] }),
};

const EVENT_BASE = {
  metadata: { namespace: '{ns}' },
  involvedObject: { kind: 'Pod', name: 'web', namespace: '{ns}' },
  reason: 'Tried',
  message: 'words',
  type: 'Normal',
};
const events: Cases = {
  'other-namespace': { involvedObject: { namespace: 'other' } },
  'cluster-object': { involvedObject: { kind: 'Node', namespace: null } },
  'no-reason': { reason: null, type: 'Odd' },
  'any-name': { metadata: { name: 'Any_Name' } },
  'event-time': { eventTime: '2026-01-02T03:04:05.000000Z' },
  'event-time-right': {
    eventTime: '2026-01-02T03:04:05.000000Z',
    reportingComponent: 'example.com/a',
    reportingInstance: 'b',
    action: 'Try',
  },
  'event-time-names': {
    eventTime: '2026-01-02T03:04:05.000000Z',
    reportingComponent: 'a b',
    reportingInstance: 'x'.repeat(129),
    action: 'x'.repeat(129),
    reason: 'x'.repeat(129),
    message: 'x'.repeat(1025),
    type: 'Odd',
  },
};
const NEW_EVENT_BASE = {
  metadata: { namespace: '{ns}' },
  eventTime: '2026-01-02T03:04:05.000000Z',
  reportingController: 'example.com/tester',
  reportingInstance: 'one',
  action: 'Trying',
  reason: 'Tried',
  regarding: { kind: 'Pod', name: 'web', namespace: '{ns}' },
  note: 'words',
  type: 'Normal',
};
const newEvents: Cases = {
  'no-time': { eventTime: null },
  'no-controller': { reportingController: null },
  'controller-name': { reportingController: 'a b' },
  'no-instance': { reportingInstance: null },
  'no-action': { action: null },
  'no-reason': { reason: null },
  'no-type': { type: null },
  type: { type: 'Odd' },
  long: {
    action: 'x'.repeat(129),
    reason: 'x'.repeat(129),
    note: 'x'.repeat(1025),
    reportingInstance: 'x'.repeat(129),
  },
  deprecated: {
    deprecatedCount: 3,
    deprecatedSource: { component: 'x' },
    deprecatedFirstTimestamp: '2026-01-02T03:04:05Z',
  },
  series: { series: { count: 1, lastObservedTime: '2026-01-02T03:04:05.000000Z' } },
  'series-none': { series: { count: 0 } },
  'other-namespace': { regarding: { namespace: 'other' } },
  name: { metadata: { name: 'Bad_Name' } },
};

export const configurationScripts: readonly Script[] = [
  rules('configmaps', CONFIG_MAP, [
    ...tries(CONFIG_MAP, {}, configMaps),
    made(CONFIG_MAP, 'fixed', { immutable: true, data: { a: '1' }, binaryData: { b: encoded('2') } }),
    made(CONFIG_MAP, 'free', { data: { a: '1' } }),
    ...changes(CONFIG_MAP, 'fixed', {
      'change-data': { data: { a: '2' } },
      'change-binary': { binaryData: { b: encoded('3') } },
      'change-all': { immutable: false, data: { c: '2' }, binaryData: null },
      'change-labels': { metadata: { labels: { a: 'b' } } },
    }),
    ...changes(CONFIG_MAP, 'free', { 'change-key': { data: { 'a b': 'x' } }, 'make-immutable': { immutable: true } }),
    ...selections(CONFIG_MAP, 'metadata.name=free'),
    row(CONFIG_MAP, 'fixed', 'row'),
  ]),
  rules('secrets', SECRET, [
    ...tries(SECRET, {}, secrets),
    made(SECRET, 'fixed', { immutable: true, stringData: { a: '1' } }),
    made(SECRET, 'free', { stringData: { a: '1' } }),
    ...changes(SECRET, 'fixed', {
      'change-data': { data: { a: encoded('2') } },
      'change-string-data': { stringData: { a: '1' } },
      'change-immutable': { immutable: null },
      'change-type': { type: 'example.com/other' },
    }),
    ...changes(SECRET, 'free', { 'change-free-type': { type: 'kubernetes.io/tls' }, 'no-type': { type: '' } }),
    ...selections(SECRET, 'type=Opaque', 'type!=Opaque'),
    row(SECRET, 'fixed', 'row'),
  ]),
  rules('serviceaccounts', SERVICE_ACCOUNT, [
    ...tries(
      SERVICE_ACCOUNT,
      {},
      {
        secrets: { secrets: [{ name: 'a', kind: 'Secret', namespace: 'x' }], imagePullSecrets: [{ name: 'b' }] },
        token: { automountServiceAccountToken: false },
        'mountable-annotation': { metadata: { annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } } },
        'secrets-word': { secrets: 'a' },
      },
    ),
    made(SERVICE_ACCOUNT, 'builder', { secrets: [{ name: 'a' }] }),
    ...changes(SERVICE_ACCOUNT, 'builder', { 'more-secrets': { secrets: [{ name: 'b', uid: 'c' }] } }),
    ...selections(SERVICE_ACCOUNT, 'metadata.name=builder'),
    row(SERVICE_ACCOUNT, 'builder', 'row'),
  ]),
  rules('limitranges', LIMIT_RANGE, [
    ...tries(LIMIT_RANGE, {}, limitRanges),
    made(LIMIT_RANGE, 'limits', limit({ type: 'Pod', max: { cpu: '4' } })),
    ...changes(LIMIT_RANGE, 'limits', {
      'change-type': limit({ type: 'Odd' }),
      'change-max': limit({ type: 'Pod', max: { cpu: '2' } }),
    }),
    ...selections(LIMIT_RANGE, 'metadata.name=limits'),
    row(LIMIT_RANGE, 'limits', 'row'),
  ]),
  rules('resourcequotas', RESOURCE_QUOTA, [
    ...tries(RESOURCE_QUOTA, {}, quotas),
    made(RESOURCE_QUOTA, 'few', quota({ hard: { 'count/things.example.com': '5' }, scopes: [] })),
    made(RESOURCE_QUOTA, 'idle', quota({ hard: { pods: '5' }, scopes: ['BestEffort'] })),
    ...changes(RESOURCE_QUOTA, 'few', {
      'change-scopes': quota({ scopes: ['BestEffort'] }),
      'change-hard': quota({ hard: { odd: '1' } }),
    }),
    ...statusTries(RESOURCE_QUOTA, 'few', {
      'status-wrong': { hard: { odd: '1' } },
      'status-negative': { used: { pods: '-1' } },
    }),
    ...statuses(RESOURCE_QUOTA, 'few', {
      used: { hard: { 'count/things.example.com': '5' }, used: { 'count/things.example.com': '2' } },
    }),
    row(RESOURCE_QUOTA, 'few', 'row-few'),
    row(RESOURCE_QUOTA, 'idle', 'row-idle'),
    ...selections(RESOURCE_QUOTA, 'metadata.name=few'),
    ...removed(RESOURCE_QUOTA, 'few', 'idle'),
  ]),
  rules('endpoints', ENDPOINTS, [
    ...tries(ENDPOINTS, {}, endpoints),
    made(ENDPOINTS, 'web', {
      subsets: [
        {
          addresses: ['10.1.1.2', '10.1.1.1', '10.1.1.3', '10.1.1.4'].map((ip) => ({ ip })),
          ports: [
            { port: 80, name: 'http' },
            { port: 443, name: 'https' },
          ],
        },
      ],
    }),
    ...changes(ENDPOINTS, 'web', {
      'change-ip': { subsets: [{ addresses: [{ ip: '1.2.3' }] }] },
      'no-subsets-more': { subsets: null },
    }),
    row(ENDPOINTS, 'web', 'row'),
    ...selections(ENDPOINTS, 'metadata.name=web'),
  ]),
  rules('events', EVENT, [
    ...tries(EVENT, EVENT_BASE, events),
    made(EVENT, 'once', EVENT_BASE),
    made(EVENT, 'often', {
      ...EVENT_BASE,
      count: 5,
      source: { component: 'kubelet', host: 'node-1' },
      firstTimestamp: '2026-01-02T03:04:05Z',
      lastTimestamp: '2026-01-02T04:04:05Z',
      involvedObject: { kind: 'Pod', name: 'web', namespace: '{ns}', fieldPath: 'spec.containers{main}' },
    }),
    ...changes(EVENT, 'once', {
      'change-object': { involvedObject: { namespace: 'other' } },
      'change-count': { count: 3 },
    }),
    row(EVENT, 'once', 'row-once'),
    row(EVENT, 'often', 'row-often'),
    ...selections(
      EVENT,
      'involvedObject.kind=Pod',
      'involvedObject.name=none',
      'reason=Tried',
      'source=kubelet',
      'reportingComponent=',
      'type=Warning',
      'involvedObject.fieldPath=spec.containers{main}',
      'involvedObject.other=1',
    ),
  ]),
  rules('new-events', NEW_EVENT, [
    ...tries(NEW_EVENT, NEW_EVENT_BASE, newEvents),
    made(NEW_EVENT, 'once', NEW_EVENT_BASE),
    ...changes(NEW_EVENT, 'once', {
      'change-reason': { reason: 'Other' },
      'change-note': { note: 'other' },
      'change-time': { eventTime: '2026-02-02T03:04:05.000000Z' },
      'change-series': { series: { count: 2, lastObservedTime: '2026-01-02T03:04:05.000000Z' } },
    }),
    row(NEW_EVENT, 'once', 'row'),
    ...selections(
      NEW_EVENT,
      'regarding.kind=Pod',
      'reason=Tried',
      'reportingController=example.com/tester',
      'involvedObject.kind=Pod',
    ),
  ]),
  rules('namespace-phases', NAMESPACE, [
    ...tries(
      NAMESPACE,
      {},
      {
        'dotted-name': { metadata: { name: 'a.b' } },
        finalizers: { spec: { finalizers: ['a b', 'unknown', 'example.com/own'] } },
        'own-finalizer': { spec: { finalizers: ['example.com/own'] } },
        'status-ignored': { status: { phase: 'Terminating' } },
      },
    ),
    made(NAMESPACE, '{ns}-more', {}),
    ...changes(NAMESPACE, '{ns}-more', {
      'finalizers-ignored': { spec: { finalizers: [] } },
      'name-label': { metadata: { labels: { 'kubernetes.io/metadata.name': 'other' } } },
    }),
    ...statusTries(NAMESPACE, '{ns}-more', { 'status-phase': { phase: 'Terminating' } }),
    ...selections(NAMESPACE, 'metadata.name={ns}-more,status.phase=Active', 'name={ns}-more'),
    row(NAMESPACE, '{ns}-more', 'row'),
    ...removed(NAMESPACE, '{ns}-more'),
    row(NAMESPACE, '{ns}-more', 'row-terminating'),
  ]),
];
