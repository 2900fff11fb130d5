/** The rules of what webhooks and policies are about: groups, versions, resources, operations. */
import type { MatchResources, NamedRuleWithOperations, RuleWithOperations } from '#common/kube/types';
import { duplicateValue, eachInvalid, invalidValue, notSupported, required, type FieldError } from '../field-errors';
import { pathSegment } from '../names';
import { checkLabelSelector } from '../selector-rules';
import { checkWord } from '../value-rules';

const SCOPES = ['*', 'Cluster', 'Namespaced'];
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
/** There is nothing to change about an object that goes. */
const MUTATING_OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE'];
export const MATCH_POLICIES = ['Equivalent', 'Exact'];
export const FAILURE_POLICIES = ['Fail', 'Ignore'];
export const REINVOCATION_POLICIES = ['IfNeeded', 'Never'];

export function checkRule(rule: RuleWithOperations, path: string, into: FieldError[]): void {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  checkAlone(operations, 'operations', `${path}.operations`, into);
  for (const [at, operation] of operations.entries())
    if (!OPERATIONS.includes(operation)) into.push(notSupported(`${path}.operations[${at}]`, operation, OPERATIONS));
  checkAlone(apiGroups, 'API groups', `${path}.apiGroups`, into);
  checkAlone(apiVersions, 'API versions', `${path}.apiVersions`, into);
  for (const [at, version] of apiVersions.entries()) if (!version) into.push(required(`${path}.apiVersions[${at}]`));
  checkResources(resources, `${path}.resources`, into);
  if (scope !== undefined && !SCOPES.includes(scope)) into.push(notSupported(`${path}.scope`, scope, SCOPES));
}

/** At least one, and everything only by itself. */
function checkAlone(values: readonly string[], what: string, path: string, into: FieldError[]): void {
  if (values.length === 0) into.push(required(path));
  if (values.length > 1 && values.includes('*'))
    into.push(invalidValue(path, values, `if '*' is present, must not specify other ${what}`));
}

function checkResources(resources: readonly string[], path: string, into: FieldError[]): void {
  if (resources.length === 0) into.push(required(path));
  const wholes = new Set<string>();
  const parts = new Set<string>();
  let hasPlain = false;
  for (const [at, pattern] of resources.entries()) {
    if (pattern === '') {
      into.push(required(`${path}[${at}]`));
      continue;
    }
    const slash = pattern.indexOf('/');
    if (slash < 0) {
      hasPlain = pattern !== '*';
      continue;
    }
    const [resource, part] = [pattern.slice(0, slash), pattern.slice(slash + 1)];
    const beside = (covered: string) =>
      into.push(invalidValue(`${path}[${at}]`, pattern, `if '${covered}' is present, must not specify ${pattern}`));
    if (wholes.has(resource)) beside(`${resource}/*`);
    if (parts.has(part)) beside(`*/${part}`);
    if (part === '*') wholes.add(resource);
    if (resource === '*') parts.add(part);
  }
  if (resources.length > 1 && resources.includes('*/*'))
    into.push(invalidValue(path, resources, "if '*/*' is present, must not specify other resources"));
  if (hasPlain && resources.includes('*')) {
    const detail = "if '*' is present, must not specify other resources without subresources";
    into.push(invalidValue(path, resources, detail));
  }
}

function checkNamedRule(rule: NamedRuleWithOperations, path: string, into: FieldError[]): void {
  const { resourceNames = [] } = rule;
  for (const [at, name] of resourceNames.entries()) {
    const here = `${path}.resourceNames[${at}]`;
    eachInvalid(into, here, name, pathSegment(name));
    if (resourceNames.indexOf(name) < at) into.push(duplicateValue(here, name));
  }
  checkRule(rule, path, into);
}

export function checkMatchResources(match: MatchResources, path: string, into: FieldError[]): void {
  const { matchPolicy, namespaceSelector, objectSelector, resourceRules = [], excludeResourceRules = [] } = match;
  checkWord(matchPolicy, MATCH_POLICIES, `${path}.matchPolicy`, into);
  checkLabelSelector(namespaceSelector, `${path}.namespaceSelector`, into);
  checkLabelSelector(objectSelector, `${path}.objectSelector`, into);
  for (const [at, rule] of resourceRules.entries()) checkNamedRule(rule, `${path}.resourceRules[${at}]`, into);
  for (const [at, rule] of excludeResourceRules.entries())
    checkNamedRule(rule, `${path}.excludeResourceRules[${at}]`, into);
}

/** What a policy is about: there must be something. */
export function checkConstraints(match: MatchResources | undefined, path: string, into: FieldError[]): void {
  if (!match) {
    into.push(required(path));
    return;
  }
  checkMatchResources(match, path, into);
  if (!match.resourceRules?.length) into.push(required(`${path}.resourceRules`));
}

export function checkMutatingOperations(match: MatchResources | undefined, path: string, into: FieldError[]): void {
  for (const operation of (match?.resourceRules ?? []).flatMap(({ operations = [] }) => operations))
    if (!MUTATING_OPERATIONS.includes(operation))
      into.push(notSupported(`${path}.resourceRules.operations`, operation, MUTATING_OPERATIONS));
}
