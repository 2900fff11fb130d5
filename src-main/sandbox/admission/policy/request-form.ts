/** A write in the group and version that a webhook or policy has its rules about. */
import type { AnyObject } from '#common/kube/object';
import type { NamedRuleWithOperations } from '#common/kube/types';
import type { AdmissionCluster, AdmissionForm, AdmissionRequest } from '../plugin';
import { matchesRule } from './match-rules';

export interface SeenRequest {
  /** With the objects in that form. */
  request: AdmissionRequest;
  /** An object of that form as the cluster stores it. */
  stored(object: AnyObject): AnyObject;
}

/** Undefined when no rule is about it. The form in which the request was sent comes first; others only with `Equivalent`. */
export function seenBy(
  rules: readonly NamedRuleWithOperations[],
  matchPolicy: string | undefined,
  request: AdmissionRequest,
  cluster: AdmissionCluster,
): SeenRequest | undefined {
  const others = cluster.forms(request);
  if (others.length === 0) return rules.some((rule) => matchesRule(rule, request)) ? asStored(request) : undefined;
  const { group, version, plural, kind, requested } = request;
  const home: AdmissionForm = { group, version, plural, kind };
  const sent = others.find((one) => one.group === requested?.group && one.version === requested.version) ?? home;
  if (rules.some((rule) => matchesRule(rule, { ...request, ...sent }))) return inForm(sent, request);
  if (matchPolicy === 'Exact') return undefined;
  const rest = [home, ...others].filter((one) => one !== sent);
  for (const rule of rules) {
    const form = rest.find((one) => matchesRule(rule, { ...request, ...one }));
    if (form) return inForm(form, request);
  }
  return undefined;
}

const asStored = (request: AdmissionRequest): SeenRequest => ({ request, stored: (object) => object });

function inForm(form: AdmissionForm, request: AdmissionRequest): SeenRequest {
  const { toServed, toStored, ...place } = form;
  if (!toServed || !toStored) return asStored(request);
  const { object, oldObject } = request;
  const seen = { object: object && toServed(object), oldObject: oldObject && toServed(oldObject) };
  return { request: { ...request, ...place, ...seen }, stored: toStored };
}
