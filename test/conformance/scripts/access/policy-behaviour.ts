import type { Exchange } from '../../exchange';
import { accessScript, post, remove, tried } from './steps';

/** Policies in CEL, each about the objects whose label says its name: what they do, and what when they cannot. */

const GROUP = 'admissionregistration.k8s.io';
const ROOT = `/apis/${GROUP}/v1`;
const MAPS = '/api/v1/namespaces/{ns}/configmaps';
const PODS = '/api/v1/namespaces/{ns}/pods';

type Fields = Record<string, unknown>;

/** What is said of a policy and of its binding. */
interface Case {
  spec: Fields;
  binding?: Fields;
  /** Beside the label. */
  object?: Fields;
  path?: string;
}

const RULE = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] };
const HOME = { matchLabels: { 'kubernetes.io/metadata.name': '{ns}' } };
const matching = (name: string, fields: Fields = {}) => ({
  resourceRules: [RULE],
  namespaceSelector: HOME,
  objectSelector: { matchLabels: { case: name } },
  ...fields,
});
const MAP = { data: { a: '1' } };

const says = (expression: string, fields: Fields = {}) => ({ validations: [{ expression, ...fields }] });
const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
const paramRef = (fields: Fields, parameterNotFoundAction = 'Deny') => ({
  paramRef: { parameterNotFoundAction, ...fields },
});
const actions = (...validationActions: string[]) => ({ validationActions });
const conditions = (...expressions: string[]) => ({
  matchConditions: expressions.map((expression, at) => ({ name: `c${at}`, expression })),
});
const BROKEN = 'object.data.nothing == "x"';

const JUDGING: Readonly<Record<string, Case>> = {
  'param-missing': { spec: { paramKind, ...says('false') }, binding: paramRef({ name: 'nobody' }) },
  'param-missing-allowed': { spec: { paramKind, ...says('false') }, binding: paramRef({ name: 'nobody' }, 'Allow') },
  'param-missing-ignored': {
    spec: { paramKind, failurePolicy: 'Ignore', ...says('false') },
    binding: paramRef({ name: 'nobody' }),
  },
  'param-none': { spec: { paramKind, ...says('params != null') } },
  'param-kind-unknown': {
    spec: { paramKind: { apiVersion: 'nobody.example.com/v1', kind: 'Nothing' }, ...says('true') },
    binding: paramRef({ name: 'x' }),
  },
  'param-kind': {
    spec: { paramKind, ...says('false', { messageExpression: 'params.apiVersion + " " + params.kind' }) },
    binding: paramRef({ name: 'first' }),
  },
  'param-selected': {
    spec: { paramKind, ...says('object.data.a == params.data.a', { messageExpression: '"not " + params.data.a' }) },
    binding: paramRef({ selector: { matchLabels: { role: 'param' } } }),
  },
  'param-selected-none': {
    spec: { paramKind, ...says('false') },
    binding: paramRef({ selector: { matchLabels: { role: 'nobody' } } }),
  },
  'param-other-namespace': {
    spec: { paramKind, ...says('false') },
    binding: paramRef({ name: 'first', namespace: 'default' }),
  },
  deny: { spec: says('false') },
  'deny-message': { spec: says('false', { message: ' as you wish ' }) },
  'deny-forbidden': { spec: says('false', { reason: 'Forbidden' }) },
  audit: { spec: says('false'), binding: actions('Audit') },
  warn: { spec: says('false'), binding: actions('Warn', 'Audit') },
  'warn-twice': {
    spec: { validations: [{ expression: 'false' }, { expression: 'object.data.a == "2"', message: 'two' }] },
    binding: actions('Warn'),
  },
  'deny-twice': { spec: { validations: [{ expression: 'true' }, { expression: 'false' }, { expression: BROKEN }] } },
  broken: { spec: says(BROKEN) },
  'broken-ignored': { spec: { failurePolicy: 'Ignore', ...says(BROKEN) } },
  'broken-warned': { spec: says(BROKEN), binding: actions('Warn') },
  'message-broken': { spec: says('false', { messageExpression: 'object.data.nothing', message: 'fixed' }) },
  'message-blank': { spec: says('false', { messageExpression: '"  "' }) },
  'message-lines': { spec: says('false', { messageExpression: '"a\\nb"' }) },
  'message-long': {
    spec: says('false', {
      messageExpression: '"0123456789".replace("", "0123456789012345").replace("", "0123456789012345678901234567")',
      message: 'short',
    }),
  },
  annotation: { spec: { auditAnnotations: [{ key: 'a', valueExpression: '"b"' }] } },
  'annotation-broken': { spec: { auditAnnotations: [{ key: 'a', valueExpression: 'object.data.nothing' }] } },
  'annotation-ignored': {
    spec: { failurePolicy: 'Ignore', auditAnnotations: [{ key: 'a', valueExpression: 'object.data.nothing' }] },
  },
  'condition-broken': { spec: { ...conditions(BROKEN), ...says('false') } },
  'condition-two-broken': { spec: { ...conditions(BROKEN, 'object.other.x == 1'), ...says('false') } },
  'condition-broken-and-false': { spec: { ...conditions(BROKEN, 'false'), ...says('false') } },
  'condition-ignored': { spec: { failurePolicy: 'Ignore', ...conditions(BROKEN), ...says('false') } },
  'variable-broken': {
    spec: { variables: [{ name: 'a', expression: 'object.data.nothing' }], ...says('variables.a == "x"') },
  },
  'variable-unused': { spec: { variables: [{ name: 'a', expression: 'object.data.nothing' }], ...says('true') } },
  namespace: { spec: says('namespaceObject.metadata.labels["kubernetes.io/metadata.name"] != "{ns}"') },
  'old-object': { spec: says('oldObject != null') },
  request: {
    spec: says('false', {
      messageExpression:
        'request.operation + " " + request.kind.kind + " " + request.resource.resource + " " + request.name + " " + request.namespace + " " + request.userInfo.username + " " + string(request.dryRun) + " " + request.options.kind',
    }),
  },
  authorizer: {
    spec: says('!authorizer.group("").resource("configmaps").namespace("{ns}").name("x").check("delete").allowed()'),
  },
  excluded: { spec: { ...says('false'), matchConstraints: { excludeResourceRules: [RULE] } } },
  'binding-elsewhere': {
    spec: says('false'),
    binding: { matchResources: { namespaceSelector: { matchLabels: { not: 'there' } } } },
  },
  'resource-name': {
    spec: { ...says('false'), matchConstraints: { resourceRules: [{ ...RULE, resourceNames: ['other'] }] } },
  },
};

const applies = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
const patches = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
const makes = (...mutations: Fields[]) => ({ reinvocationPolicy: 'Never', mutations });
const annotates = (text: string) => applies(`Object{metadata: Object.metadata{annotations: {${text}}}}`);
const inPods = (name: string) => ({
  matchConstraints: matching(name, { resourceRules: [{ ...RULE, resources: ['pods'] }] }),
});
const POD = { spec: { containers: [{ name: 'main', image: 'nginx' }] } };

const CHANGING: Readonly<Record<string, Case>> = {
  apply: { spec: makes(annotates('"a": object.data.a')) },
  'apply-then-patch': {
    spec: makes(annotates('"a": "1"'), patches('[JSONPatch{op: "add", path: "/metadata/annotations/b", value: "2"}]')),
  },
  'apply-condition': { spec: makes(applies('object.data.a == "1" ? Object{data: {"b": "x"}} : Object{}')) },
  'apply-unknown-field': { spec: makes(applies('Object{nothing: 1}')) },
  'apply-wrong-type': { spec: makes(applies('Object{data: {"a": 1}}')) },
  'apply-broken': { spec: makes(applies('Object{data: {"a": object.data.nothing}}')) },
  'apply-containers': {
    spec: {
      ...makes(
        applies(
          'Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: "first", image: "busybox"}]}}',
        ),
      ),
      ...inPods('apply-containers'),
    },
    object: POD,
    path: PODS,
  },
  'apply-atomic': {
    spec: {
      ...makes(applies('Object{spec: Object.spec{containers: [Object.spec.containers{name: "main", args: ["a"]}]}}')),
      ...inPods('apply-atomic'),
    },
    object: POD,
    path: PODS,
  },
  'patch-missing': { spec: makes(patches('[JSONPatch{op: "replace", path: "/nothing/there", value: "1"}]')) },
  'patch-missing-key': { spec: makes(patches('[JSONPatch{op: "replace", path: "/data/b", value: "1"}]')) },
  'patch-remove': { spec: makes(patches('[JSONPatch{op: "remove", path: "/data/a"}]')) },
  'patch-add-deep': { spec: makes(patches('[JSONPatch{op: "add", path: "/a/b/c", value: "1"}]')) },
  'patch-test': { spec: makes(patches('[JSONPatch{op: "test", path: "/data/a", value: "2"}]')) },
  'patch-test-right': {
    spec: makes(
      patches(
        '[JSONPatch{op: "test", path: "/data/a", value: "1"}, JSONPatch{op: "copy", from: "/data/a", path: "/data/b"}]',
      ),
    ),
  },
  'patch-move-missing': { spec: makes(patches('[JSONPatch{op: "move", from: "/data/x", path: "/data/y"}]')) },
  'patch-broken': { spec: makes(patches('[JSONPatch{op: "add", path: "/data/x", value: object.data.nothing}]')) },
  'patch-ignored': {
    spec: {
      failurePolicy: 'Ignore',
      ...makes(patches('[JSONPatch{op: "remove", path: "/nothing"}]'), annotates('"a": "1"')),
    },
  },
  'two-fail': {
    spec: makes(patches('[JSONPatch{op: "remove", path: "/x"}]'), patches('[JSONPatch{op: "remove", path: "/y"}]')),
  },
  'condition-broken': { spec: { ...conditions(BROKEN), ...makes(annotates('"a": "1"')) } },
  'condition-false': { spec: { ...conditions('false'), ...makes(annotates('"a": "1"')) } },
  'param-missing': { spec: { paramKind, ...makes(annotates('"a": "1"')) }, binding: paramRef({ name: 'nobody' }) },
  'param-selected': {
    spec: { paramKind, ...makes(annotates('"p" + params.data.a: "1"')) },
    binding: paramRef({ selector: { matchLabels: { role: 'param' } } }),
  },
  variables: {
    spec: {
      variables: [{ name: 'seen', expression: 'has(object.metadata.annotations) ? "yes" : "no"' }],
      ...makes(annotates('"first": variables.seen'), annotates('"second": variables.seen')),
    },
  },
};

const specOf = (name: string, { matchConstraints, ...spec }: Fields) => ({
  matchConstraints: matching(name, matchConstraints as Fields | undefined),
  ...spec,
});

const waits = (count: number): Exchange[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `wait-${index + 1}`,
    request: `GET ${MAPS}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dnone`,
  }));

const PARAMS = ['first', 'second'].map((name, at) =>
  post(`param-${name}`, MAPS, { metadata: { name, labels: { role: 'param' } }, data: { a: String(at + 1) } }),
);

function tries(cases: Readonly<Record<string, Case>>, plural: string, binding: Fields): Exchange[] {
  const policies = `${ROOT}/${plural}policies`;
  const bindings = `${ROOT}/${plural}policybindings`;
  const names = Object.keys(cases);
  return [
    ...PARAMS,
    ...Object.entries(cases).flatMap(([name, one]) => [
      post(`policy-${name}`, policies, { metadata: { name: `{ns}-${name}` }, spec: specOf(name, one.spec) }),
      post(`binding-${name}`, bindings, {
        metadata: { name: `{ns}-${name}` },
        spec: { policyName: `{ns}-${name}`, ...binding, ...one.binding },
      }),
    ]),
    ...waits(6),
    ...Object.entries(cases).map(([name, { path = MAPS, object = MAP }]) =>
      tried(name, path, { metadata: { name, labels: { case: name } }, ...object }),
    ),
    ...names.flatMap((name) => [
      remove(`binding-gone-${name}`, `${bindings}/{ns}-${name}`),
      remove(`policy-gone-${name}`, `${policies}/{ns}-${name}`),
    ]),
  ];
}

export const policyBehaviourScripts = [
  accessScript(
    'validating-policy-behaviour',
    GROUP,
    'ValidatingAdmissionPolicy',
    tries(JUDGING, 'validatingadmission', actions('Deny')),
  ),
  accessScript('mutating-policy-behaviour', GROUP, 'MutatingAdmissionPolicy', tries(CHANGING, 'mutatingadmission', {})),
];
