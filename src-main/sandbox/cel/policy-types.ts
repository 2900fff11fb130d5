/** What expressions of policies and match conditions may speak of, with its types. */
import type { Environment } from '@marcbachmann/cel-js';
import { kubernetesEnvironment } from './environment';

const NAMES = 'list<string>';
const WORDS = 'map<string, string>';

/** As apiserver declares them to its compiler; what is not here does not exist for an expression. */
const TYPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  GroupVersionKind: { group: 'string', version: 'string', kind: 'string' },
  GroupVersionResource: { group: 'string', version: 'string', resource: 'string' },
  UserInfo: { username: 'string', uid: 'string', groups: NAMES, extra: 'map<string, list<string>>' },
  AdmissionRequest: {
    kind: 'kubernetes.GroupVersionKind',
    resource: 'kubernetes.GroupVersionResource',
    subResource: 'string',
    requestKind: 'kubernetes.GroupVersionKind',
    requestResource: 'kubernetes.GroupVersionResource',
    requestSubResource: 'string',
    name: 'string',
    namespace: 'string',
    operation: 'string',
    userInfo: 'kubernetes.UserInfo',
    dryRun: 'bool',
    options: 'dyn',
  },
  NamespaceSpec: { finalizers: NAMES },
  NamespaceCondition: {
    status: 'string',
    type: 'string',
    lastTransitionTime: 'google.protobuf.Timestamp',
    message: 'string',
    reason: 'string',
  },
  NamespaceStatus: { conditions: 'list<kubernetes.NamespaceCondition>', phase: 'string' },
  NamespaceMetadata: {
    name: 'string',
    generateName: 'string',
    namespace: 'string',
    labels: WORDS,
    annotations: WORDS,
    UID: 'string',
    creationTimestamp: 'google.protobuf.Timestamp',
    deletionGracePeriodSeconds: 'int',
    deletionTimestamp: 'google.protobuf.Timestamp',
    generation: 'int',
    resourceVersion: 'string',
    finalizers: NAMES,
  },
  Namespace: {
    metadata: 'kubernetes.NamespaceMetadata',
    spec: 'kubernetes.NamespaceSpec',
    status: 'kubernetes.NamespaceStatus',
  },
};

export interface PolicyVariables {
  /** The policy has a paramKind. */
  params: boolean;
  authorizer: boolean;
  /** The policy's own variables with their types; absent where it has none. */
  variables?: Readonly<Record<string, string>> | undefined;
}

let typed: Environment | undefined;

export function policyEnvironment({ params, authorizer, variables }: PolicyVariables): Environment {
  const environment = typedEnvironment().clone();
  if (params) environment.registerVariable('params', 'dyn');
  if (authorizer) environment.registerVariable('authorizer', 'kubernetes.authorization.Authorizer');
  if (variables) {
    environment.registerType('kubernetes.variables', { fields: { ...variables } });
    environment.registerVariable('variables', 'kubernetes.variables');
  }
  return environment;
}

function typedEnvironment(): Environment {
  if (typed) return typed;
  typed = kubernetesEnvironment().clone({ unlistedVariablesAreDyn: false });
  for (const [name, fields] of Object.entries(TYPES)) typed.registerType(`kubernetes.${name}`, { fields });
  return typed
    .registerVariable('object', 'dyn')
    .registerVariable('oldObject', 'dyn')
    .registerVariable('request', 'kubernetes.AdmissionRequest')
    .registerVariable('namespaceObject', 'kubernetes.Namespace');
}
