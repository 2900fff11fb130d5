/** What an update may change of a Pod. */
import type { Container, NodeAffinity, NodeSelectorTerm, Pod, PodSpec, Toleration } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { forbiddenField, invalidValue, required, type FieldError } from '../field-errors';
import { takeOver } from '../doors';
import { podDiff } from './go-form';
import { APP_ARMOR, MIRROR } from './pod-annotation-rules';
import { checkTolerations } from './placement-rules';

const ONLY_CHANGEABLE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n';
const FIXED_TOLERATION = 'existing toleration can not be modified except its tolerationSeconds';
const LONGEST_DEADLINE = 2_147_483_647;

/** Nobody else than the kubelet says of a Pod that it mirrors one of its own. */
export function checkAnnotationChange(next: Pod, current: Pod, into: FieldError[]): void {
  const [now, before] = [next.metadata.annotations ?? {}, current.metadata.annotations ?? {}];
  if (now === before) return;
  for (const key in before) {
    if (now[key] === before[key]) continue;
    const field = `metadata.annotations[${key}]`;
    if (key.startsWith(APP_ARMOR)) into.push(forbiddenField(field, 'may not remove or update AppArmor annotations'));
    if (key === MIRROR) into.push(forbiddenField(field, 'may not remove or update mirror pod annotation'));
  }
  for (const key in now) {
    if (key in before) continue;
    const field = `metadata.annotations[${key}]`;
    if (key.startsWith(APP_ARMOR)) into.push(forbiddenField(field, 'may not add AppArmor annotations'));
    if (key === MIRROR) into.push(forbiddenField(field, 'may not add mirror pod annotation'));
  }
}

export function checkPodChange(next: PodSpec, current: PodSpec, into: FieldError[]): void {
  if (next === current) return;
  if (!checkContainers(next.containers, current.containers, 'spec.containers', into)) return;
  if (!checkContainers(next.initContainers ?? [], current.initContainers ?? [], 'spec.initContainers', into)) return;
  if (!checkDeadline(next.activeDeadlineSeconds, current.activeDeadlineSeconds, into)) return;
  checkAddedTolerations(next.tolerations ?? [], current.tolerations ?? [], into);
  checkGates(next, current, into);
  const isGated = (current.schedulingGates?.length ?? 0) > 0;
  if (isGated) checkNarrowing(next, current, into);
  const spec = fixed(next, current, isGated);
  if (!sameValue(spec, current)) into.push(forbiddenField('spec', ONLY_CHANGEABLE + podDiff(current, spec)));
}

/** Whether the two lists can be looked at side by side. */
function checkContainers(next: Container[], current: Container[], path: string, into: FieldError[]): boolean {
  if (next.length !== current.length) {
    into.push(forbiddenField(path, 'pod updates may not add or remove containers'));
    return false;
  }
  for (const [at, { image = '' }] of next.entries()) {
    if (image === '') into.push(required(`${path}[${at}].image`));
    if (image.trim() !== image)
      into.push(invalidValue(`${path}[${at}].image`, image, 'must not have leading or trailing whitespace'));
  }
  return true;
}

function checkDeadline(next: number | undefined, current: number | undefined, into: FieldError[]): boolean {
  const field = 'spec.activeDeadlineSeconds';
  if (next === undefined) {
    if (current !== undefined)
      into.push(invalidValue(field, null, 'must not update from a positive integer to nil value'));
    return true;
  }
  const isInRange = next >= 0 && next <= LONGEST_DEADLINE;
  if (!isInRange) into.push(invalidValue(field, next, `must be between 0 and ${LONGEST_DEADLINE}, inclusive`));
  else if (current !== undefined && current < next)
    into.push(invalidValue(field, next, 'must be less than or equal to previous value'));
  else return true;
  return false;
}

function checkAddedTolerations(next: Toleration[], current: Toleration[], into: FieldError[]): void {
  const without = (toleration: Toleration) => ({ ...toleration, tolerationSeconds: undefined });
  const offered = next.map(without);
  if (current.every((one) => offered.some((other) => sameValue(other, without(one)))))
    checkTolerations(next, 'spec.tolerations', into);
  else into.push(forbiddenField('spec.tolerations', FIXED_TOLERATION));
}

function checkGates({ schedulingGates: next = [] }: PodSpec, current: PodSpec, into: FieldError[]): void {
  for (const [at, { name }] of next.entries())
    if (!current.schedulingGates?.some((gate) => gate.name === name))
      into.push(
        forbiddenField(
          `spec.schedulingGates[${at}].name`,
          `only deletion is allowed, but found new scheduling gate '${name}'`,
        ),
      );
}

/** A Pod that waits at a gate may be led to fewer nodes. */
function checkNarrowing(next: PodSpec, current: PodSpec, into: FieldError[]): void {
  const { nodeSelector = {} } = next;
  const isKept = Object.entries(current.nodeSelector ?? {}).every(([key, value]) => nodeSelector[key] === value);
  if (!isKept)
    into.push(
      invalidValue(
        'spec.nodeSelector',
        next.nodeSelector ?? null,
        'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
      ),
    );
  checkNarrowedAffinity(next.affinity?.nodeAffinity, current.affinity?.nodeAffinity, into);
}

const TERMS = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
const FIXED_TERMS = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
const termsOf = (affinity: NodeAffinity | undefined): NodeSelectorTerm[] =>
  affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];

function checkNarrowedAffinity(
  next: NodeAffinity | undefined,
  current: NodeAffinity | undefined,
  into: FieldError[],
): void {
  const [terms, before] = [termsOf(next), termsOf(current)];
  if (before.length > 0 && terms.length !== before.length) {
    into.push(invalidValue(TERMS, terms, FIXED_TERMS));
    return;
  }
  for (const [at, old] of before.entries()) {
    const term = terms[at] ?? {};
    if (!isNarrowed(term, old))
      into.push(invalidValue(`${TERMS}[${at}]`, term, 'only additions are allowed (no mutations or deletions)'));
  }
}

function isNarrowed(next: NodeSelectorTerm, current: NodeSelectorTerm): boolean {
  const [expressions, fields] = [current.matchExpressions ?? [], current.matchFields ?? []];
  const [newExpressions, newFields] = [next.matchExpressions ?? [], next.matchFields ?? []];
  if (expressions.length + fields.length === 0) return newExpressions.length + newFields.length === 0;
  return (
    sameValue(newExpressions.slice(0, expressions.length), expressions) &&
    sameValue(newFields.slice(0, fields.length), fields)
  );
}

/** A Pod's new spec with what an update may change as it was. */
function fixed(next: PodSpec, current: PodSpec, isGated: boolean): PodSpec {
  const spec: PodSpec = { ...next, containers: withImages(next.containers, current.containers) };
  if (next.initContainers) spec.initContainers = withImages(next.initContainers, current.initContainers ?? []);
  takeOver(spec, current, 'activeDeadlineSeconds');
  takeOver(spec, current, 'schedulingGates');
  takeOver(spec, current, 'tolerations');
  const wasNegative = (current.terminationGracePeriodSeconds ?? 0) < 0;
  if (wasNegative && spec.terminationGracePeriodSeconds === 1) takeOver(spec, current, 'terminationGracePeriodSeconds');
  if (!isGated) return spec;
  takeOver(spec, current, 'nodeSelector');
  const { nodeAffinity: _new, ...others } = next.affinity ?? {};
  const nodeAffinity = current.affinity?.nodeAffinity;
  const affinity = nodeAffinity ? { ...others, nodeAffinity } : others;
  if (Object.keys(affinity).length > 0 || current.affinity) spec.affinity = affinity;
  else delete spec.affinity;
  return spec;
}

const withImages = (next: Container[], current: Container[]): Container[] =>
  next.map((container, at) => {
    const image = current[at]?.image;
    return image === undefined ? container : { ...container, image };
  });
