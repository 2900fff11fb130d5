import { controllerOf } from '#common/kube/object';
import { Pods, ResourceClaims, ResourceClaimTemplates } from '#common/kube/resources';
import { ApiStatusError, failure } from '#common/kube/status-error';
import type { Pod, PodResourceClaim, ResourceV1ResourceClaim } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { defineController, namedIndex, settled, watched, type ReconcileContext } from '../runtime/define-controller';
import type { ControllerCache } from '../runtime/controller-cache';

export const COMPONENT = 'resource_claim';
/** Which of its Pod's claims a claim was made for. */
const MADE_FOR = 'resource.kubernetes.io/pod-claim-name';
const MANAGER = 'ResourceClaimController';
/** A name of 63 characters without the hyphen and the five random ones. */
const LONGEST_BASE = 57;
const OF_TEMPLATE = 'controllers/pods-of-claim-template';
const OF_CLAIM = 'controllers/pods-of-resource-claim';

/** Makes the claims that Pods take from templates, and reserves claims for Pods that were bound without the scheduler. */
export const podResourceClaims = defineController({
  name: 'resource-claim',
  component: COMPONENT,
  reconciles: Pods,
  concurrency: 50,
  indexes: [
    namedIndex(Pods, OF_TEMPLATE, ({ metadata, spec }) =>
      (spec.resourceClaims ?? []).flatMap(({ resourceClaimTemplateName: name }) =>
        name === undefined ? [] : [`${metadata.namespace}/${name}`],
      ),
    ),
    namedIndex(Pods, OF_CLAIM, (pod) =>
      (pod.spec.resourceClaims ?? []).flatMap((claim) => {
        const name = claimName(pod, claim);
        return name === undefined ? [] : [`${pod.metadata.namespace}/${name}`];
      }),
    ),
  ],
  watches: [
    watched(ResourceClaimTemplates, ({ metadata }, cache) => podsAt(OF_TEMPLATE, metadata, cache)),
    watched(ResourceClaims, ({ metadata }, cache) => podsAt(OF_CLAIM, metadata, cache)),
  ],

  async reconcile(key, context) {
    const pod = context.cache.get(Pods, key);
    const { resourceClaims = [] } = pod?.spec ?? {};
    if (!pod || pod.metadata.deletionTimestamp || isDone(pod) || resourceClaims.length === 0) return settled;
    await makeClaims(pod, resourceClaims, context);
    // The scheduler reserves what it allocates.
    if (pod.spec.nodeName) await reserveClaims(pod, resourceClaims, context);
    return settled;
  },
});

function podsAt(index: string, { namespace, name }: { namespace?: string; name: string }, cache: ControllerCache) {
  return cache
    .indexed(Pods, index, `${namespace}/${name}`)
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

/** Pods that will not run any more. */
export function isDone({ metadata, spec, status }: Pod): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return true;
  return metadata.deletionTimestamp !== undefined && !spec.nodeName;
}

/** The claim behind a Pod's claim: named by the Pod, or made for it; undefined while it is not made. */
export function claimName({ status }: Pod, claim: PodResourceClaim): string | undefined {
  if (claim.resourceClaimName !== undefined) return claim.resourceClaimName;
  return status?.resourceClaimStatuses?.find(({ name }) => name === claim.name)?.resourceClaimName;
}

async function makeClaims(pod: Pod, wanted: readonly PodResourceClaim[], context: ReconcileContext): Promise<void> {
  const made: { name: string; resourceClaimName: string }[] = [];
  for (const claim of wanted) {
    if (claim.resourceClaimTemplateName === undefined || isMade(pod, claim, context.cache)) continue;
    try {
      const { metadata } = orphanOf(pod, claim, context.cache) ?? (await makeClaim(pod, claim, context));
      made.push({ name: claim.name, resourceClaimName: metadata.name });
    } catch (cause) {
      if (cause instanceof ApiStatusError) {
        const message = `PodResourceClaim ${claim.name}: ${cause.message}`;
        context.record(pod, { type: 'Warning', reason: 'FailedResourceClaimCreation', message });
      }
      throw cause;
    }
  }
  if (made.length === 0) return;
  const { name, namespace } = pod.metadata;
  const known = (pod.status?.resourceClaimStatuses ?? []).filter(
    (one) => !made.some((other) => other.name === one.name),
  );
  const status = { resourceClaimStatuses: [...known, ...made] };
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, status };
  const options = { subresource: 'status', fieldManager: MANAGER, signal: context.signal };
  await context.client.patch(Pods, { name, namespace }, { type: 'apply', object, force: true }, options);
}

/** True when nothing has to be made: also where it was decided that no claim is needed. */
function isMade(pod: Pod, claim: PodResourceClaim, cache: ControllerCache): boolean {
  const status = pod.status?.resourceClaimStatuses?.find(({ name }) => name === claim.name);
  if (!status) return false;
  if (status.resourceClaimName === undefined) return true;
  const there = cache.get(ResourceClaims, `${pod.metadata.namespace}/${status.resourceClaimName}`);
  return there !== undefined && controllerOf(there)?.uid === pod.metadata.uid;
}

/** A claim that was made before the Pod could be told. */
function orphanOf(pod: Pod, { name }: PodResourceClaim, cache: ControllerCache): ResourceV1ResourceClaim | undefined {
  return cache.ownedBy(ResourceClaims, pod).find(({ metadata }) => metadata.annotations?.[MADE_FOR] === name);
}

async function makeClaim(pod: Pod, claim: PodResourceClaim, { cache, client, signal }: ReconcileContext) {
  const { namespace = '' } = pod.metadata;
  const templateName = claim.resourceClaimTemplateName ?? '';
  const template = cache.get(ResourceClaimTemplates, `${namespace}/${templateName}`);
  if (!template) {
    const missing = `resourceclaimtemplate.resource.k8s.io "${templateName}" not found`;
    throw failure(404, 'NotFound', `resource claim template "${templateName}": ${missing}`);
  }
  const { labels, annotations } = template.spec.metadata ?? {};
  const draft: Draft<ResourceV1ResourceClaim> = {
    metadata: {
      namespace,
      generateName: baseName(pod.metadata.name, claim.name),
      annotations: { ...annotations, [MADE_FOR]: claim.name },
      ...(labels ? { labels } : {}),
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid, controller: true },
      ],
    },
    spec: template.spec.spec,
  };
  return client.create(ResourceClaims, draft, { signal });
}

/** Of both names a part is left when they are too long together. */
export function baseName(pod: string, claim: string): string {
  const whole = `${pod}-${claim}-`;
  if (whole.length <= LONGEST_BASE) return whole;
  const part = (name: string) => name.slice(0, Math.floor((name.length * LONGEST_BASE) / whole.length));
  return `${part(pod)}-${part(claim)}`;
}

async function reserveClaims(
  pod: Pod,
  wanted: readonly PodResourceClaim[],
  { cache, client, signal }: ReconcileContext,
): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  for (const one of wanted) {
    const claim = cache.get(ResourceClaims, `${namespace}/${claimName(pod, one) ?? ''}`);
    const { allocation, reservedFor = [] } = claim?.status ?? {};
    if (!claim || !allocation || reservedFor.some((consumer) => consumer.uid === uid)) continue;
    if (one.resourceClaimTemplateName !== undefined && controllerOf(claim)?.uid !== uid) continue;
    const status = { ...claim.status, reservedFor: [...reservedFor, { resource: 'pods', name, uid }] };
    await client.updateStatus(ResourceClaims, { ...claim, status }, { signal });
  }
}
