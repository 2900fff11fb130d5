import type { AnyObject, KubeObject } from '../kube/object';
import { Pods } from '../kube/resources';
import type { Pod } from '../kube/types';
import type { Link } from './kind';
import { podMounts } from './pod-mounts';

/** The Pods that mount or read a ConfigMap or Secret. */
export function usedBy({ metadata }: KubeObject, kind: 'ConfigMap' | 'Secret'): Link[] {
  return [
    {
      relation: 'selected-by',
      resource: Pods,
      namespace: metadata.namespace,
      matches: (pod: AnyObject) =>
        podMounts(pod as unknown as Pod).some(({ resource, name }) => resource.kind === kind && name === metadata.name),
    },
  ];
}
