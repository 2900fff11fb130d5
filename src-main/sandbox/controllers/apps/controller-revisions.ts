/** The remembered templates of a StatefulSet or DaemonSet: what its Pods were made from, now and before. */
import type { KubeObject } from '#common/kube/object';
import { apiVersionOf, type TypedResource } from '#common/kube/resource';
import { ControllerRevisions } from '#common/kube/resources';
import type { ControllerRevision, LabelSelector, PodTemplateSpec } from '#common/kube/types';
import type { ReconcileContext } from '../runtime/define-controller';
import { claim, controllerReference, ignoreGone, refOf } from '../runtime/ownership';
import { sameJson } from '../runtime/same-json';
import { templateHash } from './template-hash';

export const REVISION_LABEL = 'controller-revision-hash';

export interface RevisedOwner extends KubeObject {
  spec: { selector: LabelSelector; template: PodTemplateSpec; revisionHistoryLimit?: number };
  status?: { collisionCount?: number };
}

export interface RevisedKind {
  resource: TypedResource<KubeObject>;
  /** The label of a revision that holds its hash. */
  label: string;
}

const dataOf = (template: PodTemplateSpec): Record<string, unknown> => ({
  spec: { template: { ...template, $patch: 'replace' } },
});

/** The revision of the current template among those known; undefined when it is a new one. */
export function matchingRevision(
  { spec }: RevisedOwner,
  revisions: readonly ControllerRevision[],
): ControllerRevision | undefined {
  const data = dataOf(spec.template);
  return revisions.find((revision) => sameJson(revision.data, data));
}

export const byRevision = (revisions: readonly ControllerRevision[]): ControllerRevision[] =>
  [...revisions].sort((left, right) => left.revision - right.revision);

/** Old revisions that no Pod stems from, beyond the history limit. */
export function planRevisionCleanup(
  { spec }: RevisedOwner,
  revisions: readonly ControllerRevision[],
  inUse: ReadonlySet<string>,
): ControllerRevision[] {
  const idle = byRevision(revisions).filter(({ metadata }) => !inUse.has(metadata.name));
  return idle.slice(0, Math.max(0, idle.length - (spec.revisionHistoryLimit ?? 10)));
}

/** All revisions of `owner`, and the one of its current template, which is made when it is new. */
export async function currentRevision(
  owner: RevisedOwner,
  kind: RevisedKind,
  context: ReconcileContext,
): Promise<{ update: ControllerRevision; all: ControllerRevision[] }> {
  const { selector } = owner.spec;
  const all = await claim({ owner, ownerResource: kind.resource, selector, resource: ControllerRevisions }, context);
  const highest = byRevision(all).at(-1);
  const known = matchingRevision(owner, all);
  const { client, signal } = context;
  if (known && known === highest) return { update: known, all };
  if (known && highest) {
    // A template that comes back is the newest again.
    const renewed = { ...known, revision: highest.revision + 1 };
    const update = await client.update(ControllerRevisions, renewed, { signal });
    return { update, all: all.map((one) => (one === known ? update : one)) };
  }
  const draft = draftOf(owner, kind, highest);
  // Who is on its way out makes nothing that holds it back: foreground deletion waits until all of it is gone.
  if (owner.metadata.deletionTimestamp) return { update: unwritten(draft), all };
  const update = await client.create(ControllerRevisions, draft, { signal });
  return { update, all: [...all, update] };
}

function unwritten(draft: ReturnType<typeof draftOf>): ControllerRevision {
  const metadata = { uid: '', resourceVersion: '', creationTimestamp: '', ...draft.metadata };
  return { apiVersion: apiVersionOf(ControllerRevisions), kind: ControllerRevisions.kind, ...draft, metadata };
}

function draftOf(owner: RevisedOwner, { resource, label }: RevisedKind, highest: ControllerRevision | undefined) {
  const hash = templateHash(owner.spec.template, owner.status?.collisionCount);
  const { name, namespace, annotations } = owner.metadata;
  return {
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace ? { namespace } : {}),
      // The cause of the change is among them, which `kubectl rollout history` shows.
      ...(annotations ? { annotations } : {}),
      labels: { ...owner.spec.template.metadata?.labels, [label]: hash },
      ownerReferences: [controllerReference(resource, owner)],
    },
    data: dataOf(owner.spec.template),
    revision: (highest?.revision ?? 0) + 1,
  };
}

export async function removeRevisions(
  revisions: readonly ControllerRevision[],
  { client, signal }: ReconcileContext,
): Promise<void> {
  for (const revision of revisions) await ignoreGone(client.remove(ControllerRevisions, refOf(revision), { signal }));
}
