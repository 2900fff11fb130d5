/** Whether rules cover other rules, as RBAC's check against escalation compares them. */
import type { PolicyRule } from '#common/kube/types';

/** The parts of `wanted` that `held` does not cover; parts about the same thing are one rule with several verbs. */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const missing = wanted.flatMap(parts).filter((part) => !held.some((rule) => covers(rule, part)));
  const merged = new Map<string, PolicyRule>();
  for (const part of missing) {
    const { verbs, ...about } = part;
    const key = JSON.stringify(about);
    const known = merged.get(key);
    if (known) known.verbs = [...new Set([...known.verbs, ...verbs])];
    else merged.set(key, { ...part });
  }
  return [...merged.values()];
}

/** A rule as rules of one verb, group, resource and name each. */
function parts({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames,
  nonResourceURLs = [],
}: PolicyRule): PolicyRule[] {
  const names = resourceNames?.length ? resourceNames.map((name) => [name]) : [undefined];
  const about = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      names.map((one) => ({
        apiGroups: [group],
        resources: [resource],
        ...(one ? { resourceNames: one } : {}),
      })),
    ),
  );
  const urls = nonResourceURLs.map((url) => ({ nonResourceURLs: [url] }));
  return [...about, ...urls].flatMap((one) => verbs.map((verb): PolicyRule => ({ ...one, verbs: [verb] })));
}

function covers(rule: PolicyRule, part: PolicyRule): boolean {
  if (!hasAll(rule.verbs, part.verbs)) return false;
  const url = part.nonResourceURLs?.[0];
  if (url !== undefined) return (rule.nonResourceURLs ?? []).some((held) => coversUrl(held, url));
  return (
    hasAll(rule.apiGroups ?? [], part.apiGroups ?? []) &&
    coversResource(rule.resources ?? [], part.resources?.[0] ?? '') &&
    coversName(rule.resourceNames ?? [], part.resourceNames?.[0])
  );
}

function hasAll(held: readonly string[], wanted: readonly string[]): boolean {
  return held.includes('*') || wanted.every((one) => held.includes(one));
}

function coversResource(held: readonly string[], resource: string): boolean {
  if (held.includes('*') || held.includes(resource)) return true;
  const slash = resource.indexOf('/');
  return slash >= 0 && held.includes(`*${resource.slice(slash)}`);
}

function coversName(held: readonly string[], name: string | undefined): boolean {
  return held.length === 0 || (name !== undefined && held.includes(name));
}

function coversUrl(held: string, url: string): boolean {
  return held === url || (held.endsWith('*') && url.startsWith(held.slice(0, -1)));
}

/** `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get" "list"]}` */
export function ruleText({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: PolicyRule): string {
  const fields: [string, readonly string[] | undefined][] = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ];
  const texts = fields.flatMap(([name, values]) =>
    values?.length ? [`${name}:[${values.map((value) => JSON.stringify(value)).join(' ')}]`] : [],
  );
  return `{${texts.join(', ')}}`;
}
