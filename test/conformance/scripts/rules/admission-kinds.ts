import type { Script } from '../../exchange';
import { changes, got, made, merged, removed, row, rules, statusTries, tries, type Cases, type Fields } from './family';
import {
  MUTATING_BINDING,
  MUTATING_POLICY,
  MUTATING_WEBHOOKS,
  POLICY,
  POLICY_BINDING,
  VALIDATING_WEBHOOKS,
} from './kind-paths';
import { ofSpec } from './pod-bases';

/** What admission is told to do: webhooks, policies and their bindings. */

const RULE = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nothings'] };
const HOOK = {
  name: 'a.example.com',
  clientConfig: { url: 'https://127.0.0.1:1/x' },
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  rules: [RULE],
};
const hooks = (...changed: Fields[]) => ({ webhooks: changed.map((change) => merged(HOOK, change)) });
const service = (fields: Fields) =>
  hooks({ clientConfig: { url: null, service: { name: 'a', namespace: 'b', ...fields } } });
const url = (text: string) => hooks({ clientConfig: { url: text } });
const hookRule = (fields: Fields) => hooks({ rules: [merged(RULE, fields)] });
const SELECTOR = {
  matchExpressions: [
    { key: 'a b', operator: 'Near' },
    { key: 'a', operator: 'In' },
  ],
};
const condition = (expression: string, name = 'one') => ({ matchConditions: [{ name, expression }] });

const ruleCases: Readonly<Record<string, Fields>> = {
  'rule-empty': { apiGroups: [], apiVersions: [], operations: [], resources: [] },
  'rule-wildcards': {
    apiGroups: ['*', 'a'],
    apiVersions: ['*', 'v1'],
    operations: ['*', 'CREATE'],
    resources: ['*', 'pods'],
  },
  'rule-words': { apiVersions: [''], operations: ['Read'], resources: ['', 'pods'], scope: 'Odd' },
  'rule-sub-resources': { resources: ['pods/*', 'pods/log', '*/scale', 'a/scale', '*/*'] },
  'rule-scope': { scope: 'Namespaced', resources: ['pods/*'] },
};

const hookCases: Cases = {
  least: hooks({}),
  'no-hooks': {},
  defaults: hooks({ rules: null }),
  name: hooks({ name: 'short' }),
  'name-none': hooks({ name: '' }),
  'name-letters': hooks({ name: 'A_b.c.d' }),
  'names-twice': hooks({}, {}),
  'client-none': hooks({ clientConfig: { url: null } }),
  'client-both': hooks({ clientConfig: { service: { name: 'a', namespace: 'b' } } }),
  'url-scheme': url('http://user@a/b?c#d'),
  'url-host': url('https:///path'),
  'url-wrong': url('https://a b/%zz'),
  'service-right': service({ path: '/a/b', port: 8443 }),
  'service-name': service({ name: '' }),
  'service-namespace': service({ namespace: '' }),
  'service-port': service({ port: 70_000 }),
  'service-path': service({ path: 'a//B_c/' }),
  'service-path-slashes': service({ path: '//' }),
  bundle: hooks({ clientConfig: { caBundle: 'bm90IGEgY2VydGlmaWNhdGU=' } }),
  'failure-policy': hooks({ failurePolicy: 'Odd', matchPolicy: 'Odd' }),
  'side-effects': hooks({ sideEffects: 'Some' }),
  'side-effects-none': hooks({ sideEffects: null }),
  'side-effects-odd': hooks({ sideEffects: 'Odd' }),
  timeout: hooks({ timeoutSeconds: 31 }),
  'timeout-zero': hooks({ timeoutSeconds: 0 }),
  'versions-none': hooks({ admissionReviewVersions: [] }),
  'versions-unknown': hooks({ admissionReviewVersions: ['v2', 'v2', 'A_B'] }),
  'versions-some': hooks({ admissionReviewVersions: ['v2', 'v1beta1'] }),
  selectors: hooks({ namespaceSelector: SELECTOR, objectSelector: SELECTOR }),
  'selector-value': hooks({ objectSelector: { matchLabels: { a: 'b c' } } }),
  'condition-right': hooks(condition('request.userInfo.username != "x" && has(object.metadata)')),
  'condition-name': hooks(condition('true', '')),
  'condition-names': hooks({
    matchConditions: [
      { name: 'a b', expression: '' },
      { name: 'c', expression: 'true' },
      { name: 'c', expression: 'true' },
    ],
  }),
  'condition-type': hooks(condition('"text"')),
  'condition-params': hooks(condition('params.a == "b"')),
  'condition-authorizer': hooks(condition('authorizer.group("").resource("pods").check("get").allowed()')),
  'conditions-many': hooks({
    matchConditions: Array.from({ length: 65 }, (_, at) => ({ name: `c${at}`, expression: 'true' })),
  }),
  'object-name': { metadata: { name: 'A_B' }, ...hooks({}) },
  ...Object.fromEntries(Object.entries(ruleCases).map(([name, fields]) => [name, hookRule(fields)])),
};

const webhookScript = (path: typeof VALIDATING_WEBHOOKS, cases: Cases = {}) =>
  rules(path.plural, path, [
    ...tries(path, {}, { ...hookCases, ...cases }),
    made(path, '{ns}-one', hooks(condition('true'))),
    ...changes(path, '{ns}-one', {
      'policy-changed': hooks({ failurePolicy: 'Ignore' }),
      'side-effects-changed': hooks({ sideEffects: 'Some' }),
      'condition-changed': hooks(condition('nobody')),
      'no-hooks-left': { webhooks: [] },
    }),
    row(path, '{ns}-one', 'row'),
    ...removed(path, '{ns}-one'),
  ]);

const MATCH = { resourceRules: [RULE] };
const POLICY_BASE: Fields = { spec: { matchConstraints: MATCH, validations: [{ expression: 'true' }] } };
const matching = (fields: Fields) => ({ matchConstraints: merged(MATCH, fields) });
const validation = (fields: Fields) => ({ validations: [{ expression: 'true', ...fields }] });
const says = (expression: string) => validation({ expression });
const PARAMS = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } };
const variables = (...all: [string, string][]) => ({
  variables: all.map(([name, expression]) => ({ name, expression })),
});

const sharedCases: Readonly<Record<string, Fields>> = {
  'failure-policy': { failurePolicy: 'Odd' },
  'no-constraints': { matchConstraints: null },
  'no-rules': matching({ resourceRules: [] }),
  'match-policy': matching({ matchPolicy: 'Odd' }),
  selectors: matching({ namespaceSelector: SELECTOR, objectSelector: SELECTOR }),
  'resource-names': matching({ resourceRules: [{ ...RULE, resourceNames: ['a', 'a', 'b/c', '..'] }] }),
  'exclude-rules': matching({ excludeResourceRules: [{ ...RULE, operations: [] }] }),
  'param-none': { paramKind: { apiVersion: '', kind: '' } },
  'param-version': { paramKind: { apiVersion: 'a/b/c', kind: 'a_b' } },
  'param-group': { paramKind: { apiVersion: 'A_B/V1', kind: 'Thing' } },
  'condition-names': {
    matchConditions: [
      { name: '', expression: ' ' },
      { name: 'c', expression: 'true' },
      { name: 'c', expression: '1' },
    ],
  },
  'condition-params': { ...PARAMS, ...condition('params.data.a == "b"') },
  'variable-name': variables(['a-b', 'true'], ['', 'true'], ['in', 'true']),
  'variable-empty': variables(['a', ' ']),
  'variable-wrong': variables(['a', 'nobody.x']),
  ...Object.fromEntries(
    Object.entries(ruleCases).map(([name, fields]) => [name, matching({ resourceRules: [merged(RULE, fields)] })]),
  ),
};

const validatingCases: Cases = ofSpec({
  least: {},
  ...sharedCases,
  'no-validations': { validations: [] },
  'expression-empty': says(' '),
  'expression-unknown': says('nobody == 1'),
  'expression-unknown-function': says('object.metadata.name.shout() == "A"'),
  'expression-not-bool': says('1 + 1'),
  'expression-text': says('"a"'),
  'expression-overload': says('1 + "a" == 2'),
  'expression-compares': says('1 == "a"'),
  'expression-open': says('object.metadata.name =='),
  'expression-bracket': says('(true'),
  'expression-two-lines': says('true &&\n  nobody'),
  'expression-two-errors': says('nobody && nothing'),
  'expression-dyn': says('object.spec.replicas'),
  'expression-params': says('params.data.a == "b"'),
  'expression-with-params': { ...PARAMS, ...says('params.data.a == "b"') },
  'expression-request-field': says('request.nothing == "b"'),
  'expression-request': says('request.userInfo.groups.exists(g, g == "a") && request.dryRun'),
  'expression-request-type': says('request.dryRun == "a"'),
  'expression-namespace': says('namespaceObject.metadata.labels["a"] == "b"'),
  'expression-namespace-field': says('namespaceObject.metadata.nothing == "b"'),
  'expression-authorizer': says('authorizer.group("apps").resource("deployments").check("create").allowed()'),
  'expression-authorizer-wrong': says('authorizer.nothing()'),
  'expression-old-object': says('oldObject == null || oldObject.metadata.name == object.metadata.name'),
  'expression-quantity': says('quantity("1Gi").isGreaterThan(quantity("1Mi"))'),
  'expression-macro': says('object.spec.list.all(x, x.matches("a"))'),
  'expression-literal-overflow': says('9999999999999999999 == 1'),
  'expression-regex': says('"a".matches("[")'),
  'message-blank': validation({ message: '  ' }),
  'message-lines': validation({ message: 'a\nb' }),
  'message-expression': validation({ messageExpression: '"text " + object.metadata.name' }),
  'message-expression-blank': validation({ messageExpression: ' ' }),
  'message-expression-type': validation({ messageExpression: '1' }),
  'message-expression-authorizer': validation({ messageExpression: 'authorizer.path("/").check("get").reason()' }),
  reason: validation({ reason: 'Odd' }),
  'reason-unauthorized': validation({ reason: 'Unauthorized' }),
  'reason-forbidden': validation({ reason: 'Forbidden' }),
  'variable-used': { ...variables(['a', '1'], ['b', 'variables.a + 1']), ...says('variables.b > 1') },
  'variable-unknown': { ...variables(['a', '1']), ...says('variables.b > 1') },
  'variable-before': { ...variables(['b', 'variables.a'], ['a', '1']), ...says('true') },
  'variable-none': says('variables.b > 1'),
  'variable-typed': { ...variables(['a', '"x"']), ...says('variables.a > 1') },
  'annotation-only': { validations: null, auditAnnotations: [{ key: 'a', valueExpression: '"b"' }] },
  'annotation-key': { auditAnnotations: [{ key: 'a b', valueExpression: ' ' }] },
  'annotation-twice': {
    auditAnnotations: [
      { key: 'a', valueExpression: '"b"' },
      { key: 'a', valueExpression: 'null' },
    ],
  },
  'annotation-type': { auditAnnotations: [{ key: 'a', valueExpression: '1' }] },
  'annotation-many': {
    auditAnnotations: Array.from({ length: 21 }, (_, at) => ({ key: `k${at}`, valueExpression: '"b"' })),
  },
});

const statusCases: Cases = {
  'type-checking': {
    observedGeneration: 1,
    typeChecking: { expressionWarnings: [{ fieldRef: 'spec.validations[0].expression', warning: 'odd' }] },
  },
  'type-checking-wrong': {
    typeChecking: {
      expressionWarnings: [
        { fieldRef: '', warning: '' },
        { fieldRef: 'spec.[', warning: 'x' },
      ],
    },
  },
  conditions: {
    conditions: [
      { type: 'a b', status: 'Odd', reason: 'a b', lastTransitionTime: '2026-01-02T03:04:05Z', message: '' },
    ],
  },
};

const BINDING_BASE: Fields = { spec: { policyName: 'some', validationActions: ['Deny'] } };
const sharedBindingCases: Readonly<Record<string, Fields>> = {
  least: {},
  'policy-none': { policyName: '' },
  'policy-name': { policyName: 'A_B' },
  'param-name': { paramRef: { name: 'a', parameterNotFoundAction: 'Allow' } },
  'param-none': { paramRef: {} },
  'param-both': { paramRef: { name: 'a/b', selector: SELECTOR, parameterNotFoundAction: 'Odd' } },
  'param-selector': { paramRef: { selector: {}, namespace: 'x', parameterNotFoundAction: 'Deny' } },
  'match-resources': { matchResources: {} },
  'match-wrong': { matchResources: { matchPolicy: 'Odd', objectSelector: SELECTOR } },
  'match-rules': { matchResources: { resourceRules: [{ ...RULE, operations: ['DELETE'], resourceNames: ['%'] }] } },
};
const bindingCases: Cases = ofSpec({
  ...sharedBindingCases,
  'actions-none': { validationActions: [] },
  'actions-missing': { validationActions: null },
  'actions-odd': { validationActions: ['Odd'] },
  'actions-twice': { validationActions: ['Audit', 'Audit'] },
  'actions-both': { validationActions: ['Deny', 'Warn'] },
  'actions-right': { validationActions: ['Warn', 'Audit'] },
});

const applies = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
const patchesBy = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
const MUTATING_BASE: Fields = {
  spec: { matchConstraints: MATCH, reinvocationPolicy: 'Never', mutations: [applies('Object{}')] },
};
const mutations = (...all: Fields[]) => ({ mutations: all });
const mutatingCases: Cases = ofSpec({
  least: {},
  ...sharedCases,
  'no-mutations': { mutations: [] },
  reinvocation: { reinvocationPolicy: 'Odd' },
  'reinvocation-none': { reinvocationPolicy: null },
  'reinvocation-needed': { reinvocationPolicy: 'IfNeeded' },
  'operation-delete': matching({ resourceRules: [{ ...RULE, operations: ['DELETE'] }] }),
  'operation-all': matching({ resourceRules: [{ ...RULE, operations: ['*'] }] }),
  'patch-type': mutations({ patchType: 'Odd' }),
  'patch-type-none': mutations({ applyConfiguration: { expression: 'Object{}' } }),
  'patch-missing': mutations({ patchType: 'JSONPatch' }, { patchType: 'ApplyConfiguration' }),
  'patch-both': mutations(
    { ...applies('Object{}'), jsonPatch: { expression: '[]' } },
    { ...patchesBy('[JSONPatch{op: "remove", path: "/a"}]'), applyConfiguration: { expression: 'Object{}' } },
  ),
  'apply-empty': mutations(applies(' '), patchesBy(' ')),
  'apply-type': mutations(applies('"text"')),
  'apply-map': mutations(applies('{"a": "b"}')),
  'apply-fields': mutations(applies('Object{metadata: Object.metadata{labels: {"a": object.metadata.name}}}')),
  'apply-wrong-type': mutations(applies('Object{metadata: Object.spec{a: "b"}}')),
  'apply-unknown': mutations(applies('Object{metadata: nobody}')),
  'patch-not-list': mutations(patchesBy('JSONPatch{op: "remove", path: "/a"}')),
  'patch-list-type': mutations(patchesBy('["a"]')),
  'patch-field': mutations(patchesBy('[JSONPatch{nothing: "a"}]')),
  'patch-value': mutations(patchesBy('[JSONPatch{op: "add", path: "/a", value: Object.spec{a: 1}}]')),
  'patch-op-type': mutations(patchesBy('[JSONPatch{op: 1}]')),
});

const mutatingBindingCases: Cases = ofSpec(sharedBindingCases);

export const admissionKindScripts: readonly Script[] = [
  webhookScript(VALIDATING_WEBHOOKS),
  webhookScript(MUTATING_WEBHOOKS, {
    reinvocation: hooks({ reinvocationPolicy: 'Odd' }),
    'reinvocation-needed': hooks({ reinvocationPolicy: 'IfNeeded' }),
  }),
  rules('validatingadmissionpolicies', POLICY, [
    ...tries(POLICY, POLICY_BASE, validatingCases),
    made(POLICY, '{ns}-one', POLICY_BASE),
    ...changes(
      POLICY,
      '{ns}-one',
      ofSpec({
        'policy-changed': { failurePolicy: 'Ignore' },
        'validations-gone': { validations: [] },
        'expression-changed': says('nobody'),
        'params-gone': { paramKind: null, ...condition('params == null') },
      }),
    ),
    ...statusTries(POLICY, '{ns}-one', statusCases),
    row(POLICY, '{ns}-one', 'row'),
    ...removed(POLICY, '{ns}-one'),
  ]),
  rules('validatingadmissionpolicybindings', POLICY_BINDING, [
    ...tries(POLICY_BINDING, BINDING_BASE, bindingCases),
    made(POLICY_BINDING, '{ns}-one', {
      spec: {
        policyName: 'some',
        validationActions: ['Deny'],
        paramRef: { name: 'a', parameterNotFoundAction: 'Deny' },
      },
    }),
    ...changes(
      POLICY_BINDING,
      '{ns}-one',
      ofSpec({ 'policy-changed': { policyName: 'other' }, 'actions-changed': { validationActions: [] } }),
    ),
    row(POLICY_BINDING, '{ns}-one', 'row'),
    ...removed(POLICY_BINDING, '{ns}-one'),
  ]),
  rules('mutatingadmissionpolicies', MUTATING_POLICY, [
    ...tries(MUTATING_POLICY, MUTATING_BASE, mutatingCases),
    made(MUTATING_POLICY, '{ns}-one', MUTATING_BASE),
    ...changes(
      MUTATING_POLICY,
      '{ns}-one',
      ofSpec({ 'policy-changed': { failurePolicy: 'Ignore' }, 'mutations-gone': { mutations: [] } }),
    ),
    row(MUTATING_POLICY, '{ns}-one', 'row'),
    got(MUTATING_POLICY, '{ns}-one', 'read'),
    ...removed(MUTATING_POLICY, '{ns}-one'),
  ]),
  rules('mutatingadmissionpolicybindings', MUTATING_BINDING, [
    ...tries(MUTATING_BINDING, { spec: { policyName: 'some' } }, mutatingBindingCases),
    made(MUTATING_BINDING, '{ns}-one', { spec: { policyName: 'some' } }),
    ...changes(MUTATING_BINDING, '{ns}-one', ofSpec({ 'policy-changed': { policyName: 'other' } })),
    row(MUTATING_BINDING, '{ns}-one', 'row'),
    ...removed(MUTATING_BINDING, '{ns}-one'),
  ]),
];
