/** The rules of where a Pod may run: affinity, spreading, tolerations. */
import type {
  Affinity,
  LabelSelector,
  NodeAffinity,
  PodAffinity,
  PodAffinityTerm,
  Toleration,
  TopologySpreadConstraint,
} from '#common/kube/types';
import {
  duplicateValue,
  eachInvalid,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  type FieldError,
} from '../field-errors';
import { dnsLabel, labelValue, qualifiedName } from '../names';
import { checkLabelSelector } from '../selector-rules';
import { checkOptionalWord } from '../value-rules';
import { checkNodeSelector, checkNodeSelectorTerm } from './node-selector-rules';

export function checkAffinity(
  { nodeAffinity, podAffinity, podAntiAffinity }: Affinity,
  path: string,
  into: FieldError[],
): void {
  if (nodeAffinity) checkNodeAffinity(nodeAffinity, `${path}.nodeAffinity`, into);
  if (podAffinity) checkPodAffinity(podAffinity, `${path}.podAffinity`, into);
  if (podAntiAffinity) checkPodAffinity(podAntiAffinity, `${path}.podAntiAffinity`, into);
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

function checkNodeAffinity(affinity: NodeAffinity, path: string, into: FieldError[]): void {
  const must = affinity[REQUIRED];
  if (must) checkNodeSelector(must, `${path}.${REQUIRED}`, into);
  for (const [at, { weight, preference }] of (affinity[PREFERRED] ?? []).entries()) {
    const here = `${path}.${PREFERRED}[${at}]`;
    checkWeight(weight, here, into);
    checkNodeSelectorTerm(preference, `${here}.preference`, into, false);
  }
}

function checkPodAffinity(affinity: PodAffinity, path: string, into: FieldError[]): void {
  for (const [at, term] of (affinity[REQUIRED] ?? []).entries()) checkPodTerm(term, `${path}.${REQUIRED}[${at}]`, into);
  for (const [at, { weight, podAffinityTerm }] of (affinity[PREFERRED] ?? []).entries()) {
    const here = `${path}.${PREFERRED}[${at}]`;
    checkWeight(weight, here, into);
    checkPodTerm(podAffinityTerm, `${here}.podAffinityTerm`, into);
  }
}

function checkWeight(weight: number, path: string, into: FieldError[]): void {
  if (weight <= 0 || weight > 100) into.push(invalidValue(`${path}.weight`, weight, 'must be in the range 1-100'));
}

function checkPodTerm(term: PodAffinityTerm, path: string, into: FieldError[]): void {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey } = term;
  checkLabelSelector(labelSelector, `${path}.labelSelector`, into);
  checkLabelSelector(namespaceSelector, `${path}.namespaceSelector`, into);
  for (const name of namespaces) eachInvalid(into, `${path}.namespace`, name, dnsLabel(name));
  checkLabelKeys(term, path, into);
  if (!topologyKey) into.push(required(`${path}.topologyKey`, 'can not be empty'));
  eachInvalid(into, `${path}.topologyKey`, topologyKey, qualifiedName(topologyKey));
}

interface LabelKeys {
  labelSelector?: LabelSelector;
  matchLabelKeys?: readonly string[];
  mismatchLabelKeys?: readonly string[];
}

function checkLabelKeys(
  { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: LabelKeys,
  path: string,
  into: FieldError[],
): void {
  checkKeys(matchLabelKeys, labelSelector, `${path}.matchLabelKeys`, into);
  checkKeys(mismatchLabelKeys, labelSelector, `${path}.mismatchLabelKeys`, into);
  const seen = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    const at = matchLabelKeys.lastIndexOf(key);
    if (at >= 0 && seen.has(key))
      into.push(invalidValue(`${path}[${at}]`, key, 'exists in both matchLabelKeys and labelSelector'));
    seen.add(key);
  }
  for (const [at, key] of matchLabelKeys.entries())
    if (mismatchLabelKeys.includes(key))
      into.push(
        invalidValue(`${path}.matchLabelKeys[${at}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'),
      );
}

function checkKeys(
  keys: readonly string[],
  selector: LabelSelector | undefined,
  path: string,
  into: FieldError[],
): void {
  if (keys.length === 0) return;
  if (!selector) into.push(forbiddenField(path, 'must not be specified when labelSelector is not set'));
  else for (const [at, key] of keys.entries()) eachInvalid(into, `${path}[${at}]`, key, qualifiedName(key));
}

const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway'];
const INCLUSIONS = ['Honor', 'Ignore'];

export function checkSpreading(
  constraints: readonly TopologySpreadConstraint[],
  path: string,
  into: FieldError[],
): void {
  for (const [at, constraint] of constraints.entries()) {
    const here = `${path}[${at}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable: action } = constraint;
    if (maxSkew <= 0) into.push(invalidValue(`${here}.maxSkew`, maxSkew, 'must be greater than zero'));
    if (!topologyKey) into.push(required(`${here}.topologyKey`, 'can not be empty'));
    if (!ACTIONS.includes(action)) into.push(notSupported(`${here}.whenUnsatisfiable`, action, ACTIONS));
    const isRepeated = constraints
      .slice(at + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === action);
    if (isRepeated)
      into.push(duplicateValue(`${here}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${action}}`));
    checkMinDomains(constraint, here, into);
    checkOptionalWord(constraint.nodeAffinityPolicy, INCLUSIONS, `${here}.nodeAffinityPolicy`, into);
    checkOptionalWord(constraint.nodeTaintsPolicy, INCLUSIONS, `${here}.nodeTaintsPolicy`, into);
    checkLabelKeys(constraint, here, into);
    checkLabelSelector(constraint.labelSelector, `${here}.labelSelector`, into);
  }
}

function checkMinDomains(
  { minDomains, whenUnsatisfiable }: TopologySpreadConstraint,
  path: string,
  into: FieldError[],
): void {
  if (minDomains === undefined) return;
  const field = `${path}.minDomains`;
  if (minDomains <= 0) into.push(invalidValue(field, minDomains, 'must be greater than zero'));
  if (whenUnsatisfiable !== 'DoNotSchedule') {
    const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
    into.push(invalidValue(field, minDomains, detail));
  }
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function checkTaintEffect(effect: string | undefined, path: string, into: FieldError[]): void {
  if (!effect) into.push(required(path));
  else if (!EFFECTS.includes(effect)) into.push(notSupported(path, effect, EFFECTS));
}

export function checkTolerations(tolerations: readonly Toleration[], path: string, into: FieldError[]): void {
  for (const [at, toleration] of tolerations.entries()) {
    const here = `${path}[${at}]`;
    const { key, operator = '', effect = '', tolerationSeconds } = toleration;
    if (key) eachInvalid(into, `${here}.key`, key, qualifiedName(key));
    if (!key && operator !== 'Exists') {
      const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      into.push(invalidValue(`${here}.operator`, operator, detail));
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute')
      into.push(invalidValue(`${here}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    checkTolerationOperator(toleration, `${here}.operator`, into);
    if (effect) checkTaintEffect(effect, `${here}.effect`, into);
  }
}

function checkTolerationOperator({ operator = '', value = '' }: Toleration, path: string, into: FieldError[]): void {
  if (operator === 'Equal' || operator === '') {
    const problems = labelValue(value);
    if (problems.length > 0) into.push(invalidValue(path, value, problems.join(';')));
  } else if (operator === 'Exists') {
    if (value) into.push(invalidValue(path, value, "value must be empty when `operator` is 'Exists'"));
  } else if (operator === 'Lt' || operator === 'Gt')
    into.push(notSupported(path, operator, ['Equal', 'Exists', 'Lt', 'Gt']));
  else into.push(notSupported(path, operator, ['Equal', 'Exists']));
}
