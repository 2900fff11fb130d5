import { Pods } from '../kube/resources';
import type { AnyObject, KubeObject } from '../kube/object';
import { column, type Column, type Link } from './kind';
import { formatSelector, selectorQuery, matchesSelector, type LabelSelector } from './selector';

/** What Deployments, ReplicaSets, StatefulSets, DaemonSets and Jobs have in common. */
interface Workload extends KubeObject {
  spec?: {
    selector?: LabelSelector;
    template?: { spec?: { containers?: { name: string; image?: string }[] | null } };
  };
}

export function workloadImages(workload: Workload): string[] {
  return [
    ...new Set(
      containers(workload)
        .map(({ image }) => image ?? '')
        .filter(Boolean),
    ),
  ];
}

/** kubectl's wide columns of a workload. */
export function workloadColumns<T extends Workload>(): Column<T>[] {
  return [
    column<T>({
      id: 'containers',
      header: 'Containers',
      wide: true,
      weight: 2,
      value: (workload) =>
        containers(workload)
          .map(({ name }) => name)
          .join(',') || null,
    }),
    column<T>({
      id: 'images',
      header: 'Images',
      type: 'mono',
      wide: true,
      weight: 3,
      value: (workload) =>
        containers(workload)
          .map(({ image }) => image)
          .join(',') || null,
    }),
    column<T>({
      id: 'selector',
      header: 'Selector',
      type: 'mono',
      wide: true,
      weight: 2,
      value: ({ spec }) => formatSelector(spec?.selector),
    }),
  ];
}

/** The Pods a workload's selector finds. */
export function selectedPods({ metadata, spec }: Workload): Link {
  const selector = spec?.selector;
  return {
    relation: 'selects',
    resource: Pods,
    namespace: metadata.namespace,
    labelSelector: selectorQuery(selector),
    matches: (pod: AnyObject) => matchesSelector(selector, pod),
  };
}

/** Objects of one kind that name `object` as an owner. */
export function ownedBy({ metadata }: KubeObject, resource: Link['resource']): Link {
  return {
    relation: 'owned',
    resource,
    namespace: metadata.namespace,
    matches: (other) => other.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) ?? false,
  };
}

function containers({ spec }: Workload): { name: string; image?: string }[] {
  return spec?.template?.spec?.containers ?? [];
}
