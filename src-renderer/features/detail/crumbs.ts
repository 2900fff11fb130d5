import { controllerOf, type AnyObject } from '#common/kube/object';
import type { ObjectRef } from '#common/contract/shapes';
import { objectRef, refOfKind } from '#renderer/resources/shared/object-refs';

/** Where an object belongs, as the line under its name: parts are plain words or links. */
export type Crumb = { text: string } | { kind: string; target: ObjectRef };

/** Namespace, the workload that made it, its revision, its node: what a person asks first about where a thing belongs. */
export function crumbsOf(target: ObjectRef, object: AnyObject | undefined): Crumb[] {
  const crumbs: Crumb[] = [];
  if (target.namespace) crumbs.push({ text: target.namespace });
  const owner = object && ownerOf(target, object);
  if (owner) crumbs.push({ kind: owner.resource.kind, target: owner });
  const revision = object?.metadata.annotations?.['deployment.kubernetes.io/revision'];
  if (revision) crumbs.push({ text: `revision ${revision}` });
  const node = (object?.['spec'] as { nodeName?: string } | undefined)?.nodeName;
  if (node) {
    crumbs.push({ kind: '', target: objectRef(target.cluster, refOfKind('v1', 'Node', false), { name: node }) });
  }
  return crumbs;
}

/** The Deployment behind a ReplicaSet that was named by it, else the controller itself. */
function ownerOf(target: ObjectRef, object: AnyObject): ObjectRef | undefined {
  const owner = controllerOf(object);
  if (!owner || owner.kind === 'Node') return undefined;
  const { namespace } = target;
  const suffix = `-${object.metadata.labels?.['pod-template-hash'] ?? ''}`;
  if (owner.kind === 'ReplicaSet' && suffix.length > 1 && owner.name.endsWith(suffix)) {
    const name = owner.name.slice(0, -suffix.length);
    return objectRef(target.cluster, refOfKind('apps/v1', 'Deployment', true), { namespace, name });
  }
  return objectRef(target.cluster, refOfKind(owner.apiVersion, owner.kind, true), { namespace, name: owner.name });
}
