import { accessScript, get, merge, post, remove, tried } from './steps';

/** Policies in CEL: what they do to writes. */

const GROUP = 'admissionregistration.k8s.io';
const ROOT = `/apis/${GROUP}/v1`;
const VALIDATING = `${ROOT}/validatingadmissionpolicies`;
const VALIDATING_BINDINGS = `${ROOT}/validatingadmissionpolicybindings`;
const MUTATING = `${ROOT}/mutatingadmissionpolicies`;
const MUTATING_BINDINGS = `${ROOT}/mutatingadmissionpolicybindings`;
const MAPS = '/api/v1/namespaces/{ns}/configmaps';

type Fields = Record<string, unknown>;
const mapRules = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] };
const home = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '{ns}' } } };
const named = (name: string, spec: Fields) => ({ metadata: { name }, spec });
const policy = (spec: Fields = {}, name = 'wrong') =>
  named(name, {
    matchConstraints: { resourceRules: [mapRules], ...home },
    validations: [{ expression: 'true' }],
    ...spec,
  });
const mutation = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
const mutating = (spec: Fields = {}, name = 'wrong') =>
  named(name, {
    matchConstraints: { resourceRules: [mapRules], ...home },
    reinvocationPolicy: 'Never',
    mutations: [mutation('Object{}')],
    ...spec,
  });
const bindingOf = (spec: Fields = {}, name = 'wrong') =>
  named(name, { policyName: 'x', validationActions: ['Deny'], ...spec });

const map = (name: string, data: Fields = {}) => ({ metadata: { name }, data });

const enforced = accessScript('policies', GROUP, 'ValidatingAdmissionPolicy', [
  post('params', MAPS, map('limits', { most: '3' })),
  post(
    'policy',
    VALIDATING,
    policy(
      {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        matchConditions: [{ name: 'not-exempt', expression: '!object.metadata.name.startsWith("exempt")' }],
        variables: [
          { name: 'size', expression: 'has(object.data) ? object.data.size() : 0' },
          { name: 'most', expression: 'int(params.data.most)' },
        ],
        validations: [
          {
            expression: 'variables.size <= variables.most',
            messageExpression: '"at most " + string(variables.most) + " entries"',
            reason: 'RequestEntityTooLarge',
          },
          { expression: '!has(object.data) || !("secret" in object.data)', message: 'no secrets here' },
          { expression: '!has(object.data) || !("broken" in object.data) || object.data.missing == "x"' },
          { expression: 'request.operation != "UPDATE" || oldObject.data == object.data', reason: 'Forbidden' },
          { expression: 'namespaceObject.metadata.name == "{ns}" && request.userInfo.username != "x"' },
          {
            expression: 'authorizer.group("").resource("configmaps").namespace("{ns}").check("delete").allowed()',
            message: 'you may not delete',
          },
        ],
      },
      '{ns}',
    ),
  ),
  post(
    'binding',
    VALIDATING_BINDINGS,
    bindingOf(
      { policyName: '{ns}', paramRef: { name: 'limits', namespace: '{ns}', parameterNotFoundAction: 'Deny' } },
      '{ns}',
    ),
  ),
  // A real server learns of policies a moment later: it is asked until it refuses.
  ...['wait-1', 'wait-2', 'wait-3', 'wait-4', 'wait-5', 'wait-6'].map((name) => ({
    name,
    request: `GET ${MAPS}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dnone`,
  })),
  tried('fits', MAPS, map('a', { a: '1' })),
  tried('too-many', MAPS, map('a', { a: '1', b: '2', c: '3', d: '4' })),
  tried('secret', MAPS, map('a', { secret: 'x' })),
  tried('two-reasons', MAPS, map('a', { secret: 'x', b: '2', c: '3', d: '4' })),
  tried('error', MAPS, map('a', { broken: 'x' })),
  tried('exempt', MAPS, map('exempt-a', { secret: 'x' })),
  post('kept', MAPS, map('kept', { a: '1' })),
  merge('changed', `${MAPS}/kept`, { data: { a: '2' } }),
  merge('unbound', `${VALIDATING_BINDINGS}/{ns}`, { spec: { validationActions: ['Warn', 'Audit'] } }),
  ...['pause-1', 'pause-2'].map((name) => ({
    name,
    request: `GET ${MAPS}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dnone`,
  })),
  tried('warned', MAPS, map('a', { secret: 'x' })),
  remove('binding-gone', `${VALIDATING_BINDINGS}/{ns}`),
  remove('policy-gone', `${VALIDATING}/{ns}`),
  get('still-there', `${MAPS}/kept`),
]);

const mutated = accessScript('mutating-policies', GROUP, 'MutatingAdmissionPolicy', [
  post(
    'policy',
    MUTATING,
    mutating(
      {
        variables: [
          {
            name: 'team',
            expression:
              'has(object.metadata.labels) && "team" in object.metadata.labels ? object.metadata.labels.team : "none"',
          },
        ],
        matchConditions: [{ name: 'wanted', expression: 'object.metadata.name.startsWith("m")' }],
        mutations: [
          mutation('Object{metadata: Object.metadata{labels: {"added": variables.team}}}'),
          {
            patchType: 'JSONPatch',
            jsonPatch: {
              expression:
                '[JSONPatch{op: "add", path: "/metadata/annotations", value: {"a/b": "c"}}, JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("x/y"), value: "z"}]',
            },
          },
        ],
      },
      '{ns}',
    ),
  ),
  post('binding', MUTATING_BINDINGS, named('{ns}', { policyName: '{ns}' })),
  ...['wait-1', 'wait-2', 'wait-3', 'wait-4', 'wait-5', 'wait-6'].map((name) => ({
    name,
    request: `GET ${MAPS}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dnone`,
  })),
  tried('changed', MAPS, map('m1', { a: '1' })),
  tried('changed-with-team', MAPS, { metadata: { name: 'm2', labels: { team: 'blue' } } }),
  tried('left-alone', MAPS, map('other', { a: '1' })),
  merge('broken', `${MUTATING}/{ns}`, {
    spec: {
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/nothing"}]' } }],
    },
  }),
  ...['pause-1', 'pause-2'].map((name) => ({
    name,
    request: `GET ${MAPS}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dnone`,
  })),
  tried('failing', MAPS, map('m3', { a: '1' })),
  remove('binding-gone', `${MUTATING_BINDINGS}/{ns}`),
  remove('policy-gone', `${MUTATING}/{ns}`),
]);

export const policyScripts = [enforced, mutated];
