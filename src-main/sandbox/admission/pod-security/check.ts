import type { ObjectMeta } from '#common/kube/object';
import type { Container, PodSpec } from '#common/kube/types';

/** A Pod as it is, or as a template will make it. */
export interface CheckedPod {
  metadata: Partial<ObjectMeta>;
  spec: PodSpec;
}

/** One rule of the Pod Security Standards. */
export interface Check {
  /** What is forbidden, in few words. */
  reason: string;
  /** Who breaks the rule and how; undefined when nobody does. Empty for rules that need no more words. */
  violation(pod: CheckedPod): string | undefined;
}

export function containersOf({ spec }: CheckedPod): Container[] {
  return [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
    ...((spec.ephemeralContainers ?? []) as Container[]),
  ];
}

/** `container "a"`, `containers "a", "b"`. */
export function named(containers: readonly { name: string }[], what = 'container'): string {
  return `${what}${containers.length === 1 ? '' : 's'} ${quoted(containers.map(({ name }) => name))}`;
}

export function quoted(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join(', ');
}

/** The rule that no container does something: `container "a" must not …`. */
export function noContainer(reason: string, breaks: (container: Container) => boolean, text: string): Check {
  return {
    reason,
    violation(pod) {
      const bad = containersOf(pod).filter(breaks);
      return bad.length > 0 ? `${named(bad)} ${text}` : undefined;
    },
  };
}
