/** A write in the group and version that a webhook or policy has its rules about. */
import type { AnyObject } from '#common/kube/object';
import type { MatchResources, NamedRuleWithOperations } from '#common/kube/types';
import type { AdmissionCluster, AdmissionForm, AdmissionRequest } from '../plugin';
import { matchesRule, matchesSelectors } from './match-rules';

export interface SeenRequest {
  /** With the objects in that form. */
  request: AdmissionRequest;
  /** An object of that form as the cluster stores it. */
  stored(object: AnyObject): AnyObject | Promise<AnyObject>;
}

/** Undefined when no rule is about it. The form in which the request was sent comes first; others only with `Equivalent`. */
export async function seenBy(
  rules: readonly NamedRuleWithOperations[],
  matchPolicy: string | undefined,
  request: AdmissionRequest,
  cluster: AdmissionCluster,
): Promise<SeenRequest | undefined> {
  const form = formOf(rules, matchPolicy, request, cluster);
  return form && inForm(form, request);
}

/** The same for what a policy or binding says; undefined when it is about something else. */
export async function seenByResources(
  match: MatchResources | undefined,
  request: AdmissionRequest,
  cluster: AdmissionCluster,
): Promise<SeenRequest | undefined> {
  const form = formOfResources(match, request, cluster);
  return form && inForm(form, request);
}

/** Whether a policy or binding is about it in any form; converts nothing. */
export function isAboutResources(
  match: MatchResources | undefined,
  request: AdmissionRequest,
  cluster: AdmissionCluster,
): boolean {
  return formOfResources(match, request, cluster) !== undefined;
}

function formOfResources(
  match: MatchResources | undefined,
  request: AdmissionRequest,
  cluster: AdmissionCluster,
): AdmissionForm | undefined {
  if (!match) return homeOf(request);
  const { resourceRules = [], excludeResourceRules = [], matchPolicy } = match;
  if (!matchesSelectors(match, request, cluster)) return undefined;
  if (formOf(excludeResourceRules, matchPolicy, request, cluster)) return undefined;
  return resourceRules.length > 0 ? formOf(resourceRules, matchPolicy, request, cluster) : homeOf(request);
}

function formOf(
  rules: readonly NamedRuleWithOperations[],
  matchPolicy: string | undefined,
  request: AdmissionRequest,
  cluster: AdmissionCluster,
): AdmissionForm | undefined {
  const others = request.versions ? customForms(request) : cluster.forms(request);
  const home = homeOf(request);
  if (others.length === 0) return rules.some((rule) => matchesRule(rule, request)) ? home : undefined;
  const { requested } = request;
  const sent = others.find((one) => one.group === requested?.group && one.version === requested.version) ?? home;
  if (rules.some((rule) => matchesRule(rule, { ...request, ...sent }))) return sent;
  if (matchPolicy === 'Exact') return undefined;
  const rest = [home, ...others].filter((one) => one !== sent);
  for (const rule of rules) {
    const form = rest.find((one) => matchesRule(rule, { ...request, ...one }));
    if (form) return form;
  }
  return undefined;
}

const homeOf = ({ group, version, plural, kind }: AdmissionRequest): AdmissionForm => ({
  group,
  version,
  plural,
  kind,
});

/** The other versions of a custom resource: it is sent, and judged first, in its own. */
function customForms({ group, version, plural, kind, versions }: AdmissionRequest): readonly AdmissionForm[] {
  if (!versions) return [];
  const to = (one: string) => (object: AnyObject) => versions.convert(object, `${group}/${one}`);
  return versions.all
    .filter((one) => one !== version)
    .map((one) => ({ group, version: one, plural, kind, toServed: to(one), toStored: to(version) }));
}

const asStored = (request: AdmissionRequest): SeenRequest => ({ request, stored: (object) => object });

async function inForm(form: AdmissionForm, request: AdmissionRequest): Promise<SeenRequest> {
  const { toServed, toStored, ...place } = form;
  if (!toServed || !toStored) return asStored(request);
  const [object, oldObject] = await Promise.all([request.object, request.oldObject].map((one) => one && toServed(one)));
  const { group, version, plural, kind } = request;
  const requested = request.requested ?? { group, version, plural, kind };
  return { request: { ...request, ...place, requested, object, oldObject }, stored: toStored };
}
