/** Labels of nodes that have other names now. */
import type { NodeSelectorTerm } from '#common/kube/types';
import { labelValue } from '../names';

const DEPRECATED: ReadonlyMap<string, string> = new Map([
  ['beta.kubernetes.io/arch', 'deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ['beta.kubernetes.io/os', 'deprecated since v1.14; use "kubernetes.io/os" instead'],
  ['failure-domain.beta.kubernetes.io/region', 'deprecated since v1.17; use "topology.kubernetes.io/region" instead'],
  ['failure-domain.beta.kubernetes.io/zone', 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'],
  ['beta.kubernetes.io/instance-type', 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'],
  ['app.kubernetes.io/created-by', 'deprecated since v1.9'],
  ['scheduler.alpha.kubernetes.io/preferAvoidPods', 'deprecated since v1.22; use Taints and Tolerations instead'],
  ['node-role.kubernetes.io/master', 'use "node-role.kubernetes.io/control-plane" instead'],
]);

export const deprecationOf = (label: string): string | undefined => DEPRECATED.get(label);

/** `withValues`: preferences may hold values that no label has. */
export function nodeTermWarnings(
  { matchExpressions = [] }: NodeSelectorTerm,
  path: string,
  withValues = false,
): string[] {
  return matchExpressions.flatMap(({ key, values = [] }, at) => {
    const here = `${path}.matchExpressions[${at}]`;
    const deprecation = deprecationOf(key);
    return [
      ...(deprecation ? [`${here}.key: ${key} is ${deprecation}`] : []),
      ...(withValues
        ? values.flatMap((value, index) =>
            labelValue(value).map((text) => `${here}.values[${index}]: ${value} is invalid, ${text}`),
          )
        : []),
    ];
  });
}
