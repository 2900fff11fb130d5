/** A write in the group and version that a webhook or policy has its rules about. */
import type { AnyObject } from '#common/kube/object';
import type { NamedRuleWithOperations } from '#common/kube/types';
import type { AdmissionCluster, AdmissionForm, AdmissionRequest } from '../plugin';
import { matchesRule } from './match-rules';

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
  const others = request.versions ? customForms(request) : cluster.forms(request);
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

/** The other versions of a custom resource: it is sent, and judged first, in its own. */
function customForms({ group, version, plural, kind, versions }: AdmissionRequest): readonly AdmissionForm[] {
  if (!versions) return [];
  const to = (one: string) => (object: AnyObject) => versions.convert(object, `${group}/${one}`);
  return versions.all
    .filter((one) => one !== version)
    .map((one) => ({ group, version: one, plural, kind, toServed: to(one), toStored: to(version) }));
}

/** A request about a custom resource in the version in which it matches, its own first; undefined where there is none. */
export async function seenWhere(
  request: AdmissionRequest,
  matchPolicy: string | undefined,
  matches: (seen: AdmissionRequest) => boolean,
): Promise<AdmissionRequest | undefined> {
  if (matches(request)) return request;
  if (matchPolicy === 'Exact') return undefined;
  const form = customForms(request).find(({ version }) => matches({ ...request, version }));
  return form && (await inForm(form, request)).request;
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
