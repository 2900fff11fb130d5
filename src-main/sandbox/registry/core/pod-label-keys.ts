import type { LabelSelector } from '#common/kinds/selector';
import type { Affinity, Pod, PodAffinity, PodAffinityTerm, PodSpec } from '#common/kube/types';

type Labels = Readonly<Record<string, string>>;

/** Pods of one revision are meant by `matchLabelKeys`: a new Pod's own values become part of the selectors they stand beside. */
export function mergeLabelKeys(pod: Pod): void {
  const { affinity, topologySpreadConstraints } = pod.spec;
  const { labels = {} } = pod.metadata;
  if (affinity?.podAffinity || affinity?.podAntiAffinity) pod.spec.affinity = mergedAffinity(affinity, labels);
  if (topologySpreadConstraints) pod.spec.topologySpreadConstraints = mergedSpread(topologySpreadConstraints, labels);
}

function mergedAffinity(affinity: Affinity, labels: Labels): Affinity {
  const { podAffinity, podAntiAffinity } = affinity;
  return {
    ...affinity,
    ...(podAffinity ? { podAffinity: mergedTerms(podAffinity, labels) } : {}),
    ...(podAntiAffinity ? { podAntiAffinity: mergedTerms(podAntiAffinity, labels) } : {}),
  };
}

function mergedTerms<T extends PodAffinity>(affinity: T, labels: Labels): T {
  const required = affinity.requiredDuringSchedulingIgnoredDuringExecution;
  const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution;
  const term = (one: PodAffinityTerm): PodAffinityTerm =>
    withSelector(one, [...own(one.matchLabelKeys, 'In', labels), ...own(one.mismatchLabelKeys, 'NotIn', labels)]);
  return {
    ...affinity,
    ...(required ? { requiredDuringSchedulingIgnoredDuringExecution: required.map(term) } : {}),
    ...(preferred
      ? {
          preferredDuringSchedulingIgnoredDuringExecution: preferred.map((one) => ({
            ...one,
            podAffinityTerm: term(one.podAffinityTerm),
          })),
        }
      : {}),
  };
}

function mergedSpread(constraints: NonNullable<PodSpec['topologySpreadConstraints']>, labels: Labels) {
  return constraints.map((one) => withSelector(one, own(one.matchLabelKeys, 'In', labels)));
}

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

function own(keys: readonly string[] | undefined, operator: string, labels: Labels): Requirement[] {
  return (keys ?? []).flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
}

/** An absent selector means nobody, whatever the keys say. */
function withSelector<T extends { labelSelector?: LabelSelector }>(holder: T, more: readonly Requirement[]): T {
  const { labelSelector } = holder;
  if (!labelSelector || more.length === 0) return holder;
  const matchExpressions = [...(labelSelector.matchExpressions ?? []), ...more];
  return { ...holder, labelSelector: { ...labelSelector, matchExpressions } };
}
