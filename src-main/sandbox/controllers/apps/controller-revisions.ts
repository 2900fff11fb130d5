/** The remembered templates of a StatefulSet or DaemonSet: what its Pods were made from, now and before. */
import type { KubeObject } from '#common/kube/object';
import { apiVersionOf, type TypedResource } from '#common/kube/resource';
import { ControllerRevisions } from '#common/kube/resources';
import { isAlreadyExists } from '#common/kube/status-error';
import type { ControllerRevision, LabelSelector, PodTemplateSpec } from '#common/kube/types';
import type { ReconcileContext } from '../runtime/define-controller';
import { claim, controllerReference, ignoreGone, refOf } from '../runtime/ownership';
import { sameJson } from '../runtime/same-json';
import { templateHash } from './template-hash';

/** A longer name of the owner is cut, so that the hash fits behind it. */
const MAX_PREFIX = 223;

export const REVISION_LABEL = 'controller-revision-hash';

export interface RevisedOwner extends KubeObject {
  spec: { selector: LabelSelector; template: PodTemplateSpec; revisionHistoryLimit?: number };
  status?: { collisionCount?: number };
}

export interface RevisedKind {
  resource: TypedResource<KubeObject>;
  /** The label of a revision that holds its hash. */
  label: string;
  /** The label follows the name when that was taken and another was found; else it keeps the hash that was tried first. */
  relabels?: boolean;
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

export interface KnownRevisions {
  /** Of the current template. */
  update: ControllerRevision;
  all: ControllerRevision[];
  /** How often its names were found taken. */
  collisionCount: number;
}

/** All revisions of `owner`, and the one of its current template, which is made when it is new. */
export async function currentRevision(
  owner: RevisedOwner,
  kind: RevisedKind,
  context: ReconcileContext,
): Promise<KnownRevisions> {
  const { selector } = owner.spec;
  const all = await claim({ owner, ownerResource: kind.resource, selector, resource: ControllerRevisions }, context);
  const highest = byRevision(all).at(-1);
  const known = matchingRevision(owner, all);
  const { client, signal } = context;
  const collisionCount = owner.status?.collisionCount ?? 0;
  if (known && known === highest) return { update: known, all, collisionCount };
  if (known && highest) {
    // A template that comes back is the newest again.
    const renewed = { ...known, revision: highest.revision + 1 };
    const update = await client.update(ControllerRevisions, renewed, { signal });
    return { update, all: all.map((one) => (one === known ? update : one)), collisionCount };
  }
  const draft = draftOf(owner, kind, highest);
  // Who is on its way out makes nothing that holds it back: foreground deletion waits until all of it is gone.
  if (owner.metadata.deletionTimestamp) return { update: unwritten(draft), all, collisionCount };
  const { revision: update, collisionCount: seen } = await create(draft, { owner, kind }, context);
  return { update, all: [...all, update], collisionCount: seen };
}

type RevisionDraft = ReturnType<typeof draftOf>;

interface Made {
  revision: ControllerRevision;
  collisionCount: number;
}

/** A name that a revision with other content has taken is left to it: the next one is tried. */
async function create(
  draft: RevisionDraft,
  { owner, kind }: { owner: RevisedOwner; kind: RevisedKind },
  { client, signal }: ReconcileContext,
): Promise<Made> {
  for (let collisionCount = owner.status?.collisionCount ?? 0; ; collisionCount++) {
    const hash = templateHash(owner.spec.template, collisionCount);
    const name = nameOf(owner, hash);
    const labels = { ...draft.metadata.labels, ...(kind.relabels ? { [kind.label]: hash } : {}) };
    try {
      const named = { ...draft, metadata: { ...draft.metadata, name, labels } };
      return { revision: await client.create(ControllerRevisions, named, { signal }), collisionCount };
    } catch (failure) {
      if (!isAlreadyExists(failure)) throw failure;
      const { namespace } = owner.metadata;
      const taken = await client.get(ControllerRevisions, { name, namespace }, { signal });
      if (sameJson(taken.data, draft.data)) return { revision: taken, collisionCount };
    }
  }
}

const nameOf = ({ metadata }: RevisedOwner, hash: string): string => `${metadata.name.slice(0, MAX_PREFIX)}-${hash}`;

function unwritten(draft: RevisionDraft): ControllerRevision {
  const metadata = { uid: '', resourceVersion: '', creationTimestamp: '', ...draft.metadata };
  return { apiVersion: apiVersionOf(ControllerRevisions), kind: ControllerRevisions.kind, ...draft, metadata };
}

function draftOf(owner: RevisedOwner, { resource, label }: RevisedKind, highest: ControllerRevision | undefined) {
  const hash = templateHash(owner.spec.template, owner.status?.collisionCount);
  const { namespace, annotations } = owner.metadata;
  return {
    metadata: {
      name: nameOf(owner, hash),
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
