import { messageOf } from '#common/base/errors';
import { timestamp, type Clock } from '#common/base/clock';
import type { RemoveOutcome } from '#common/contract/objects';
import { Problem } from '#common/base/errors';
import type { AnyObject } from '#common/kube/object';
import type { Resource } from '#common/kube/resource';
import { ApiStatusError, isNotFound } from '#common/kube/status-error';
import type { KubeClient } from '#main/client/client';
import type { ClusterSession } from '#main/session/session';

/** Deletions under way at once: enough to hide the network, few enough to leave the server to others. */
const PARALLEL_DELETES = 8;

interface Write {
  confirmation?: string | undefined;
  dryRun?: boolean | undefined;
}

interface Target {
  resource: Resource;
  namespace?: string | undefined;
  name: string;
}

export interface RemoveRequest extends Write {
  objects: Target[];
  gracePeriodSeconds?: number | undefined;
  propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
}

function clientFor(session: ClusterSession, { confirmation, dryRun }: Write): KubeClient {
  return dryRun ? session.client : session.writer(confirmation);
}

/** Each object has its own outcome, in the order asked for. */
export async function removeObjects(
  session: ClusterSession,
  request: RemoveRequest,
  signal: AbortSignal,
): Promise<RemoveOutcome[]> {
  const client = clientFor(session, request);
  const outcomes: RemoveOutcome[] = [];
  const waiting = request.objects.entries();
  const work = async () => {
    for (const [index, target] of waiting) outcomes[index] = await removeOne(client, target, request, signal);
  };
  await Promise.all(Array.from({ length: PARALLEL_DELETES }, work));
  return outcomes;
}

async function removeOne(
  client: KubeClient,
  { resource, namespace, name }: Target,
  { gracePeriodSeconds, propagation, dryRun }: RemoveRequest,
  signal: AbortSignal,
): Promise<RemoveOutcome> {
  const identity = { name, ...(namespace ? { namespace } : {}) };
  const options = {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    propagationPolicy: propagation ?? 'Background',
    dryRun: dryRun ?? false,
    signal,
  } as const;
  try {
    const answer = await client.remove(resource, { namespace, name }, options);
    // While something still holds it, the server answers the object itself.
    return { ...identity, outcome: answer.kind === 'Status' ? 'deleted' : 'deleting' };
  } catch (failure) {
    if (isNotFound(failure)) return { ...identity, outcome: 'deleted', message: 'It was gone already.' };
    if (!(failure instanceof ApiStatusError)) throw failure;
    return { ...identity, outcome: 'failed', message: messageOf(failure) };
  }
}

/** Through the scale subresource, which every scalable kind has, custom ones too. */
export async function scaleObject(
  session: ClusterSession,
  { resource, namespace, name, replicas, ...write }: Target & Write & { replicas: number },
  signal: AbortSignal,
): Promise<void> {
  const patch = { type: 'merge', patch: { spec: { replicas } } } as const;
  const options = { subresource: 'scale', dryRun: write.dryRun ?? false, signal };
  await clientFor(session, write).patch(resource, { namespace, name }, patch, options);
}

/** As `kubectl rollout restart`: a new template by an annotation with the time. */
export async function restartObject(
  session: ClusterSession,
  { resource, namespace, name, ...write }: Target & Write,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': timestamp(clock) };
  const patch = { type: 'merge', patch: { spec: { template: { metadata: { annotations } } } } } as const;
  await clientFor(session, write).patch(resource, { namespace, name }, patch, {
    dryRun: write.dryRun ?? false,
    signal,
  });
}

/** One decoded value of a Secret. Bytes that are not text are answered as base64, said so. */
export async function revealSecret(
  session: ClusterSession,
  { resource, namespace, name, key }: Target & { key: string },
  signal: AbortSignal,
): Promise<string> {
  const secret = await session.client.get<AnyObject>(resource, { namespace, name }, { signal });
  const data = secret.data as Record<string, string> | undefined;
  const encoded = data && Object.hasOwn(data, key) ? data[key] : undefined;
  if (encoded === undefined) throw new Problem('key-missing', `${name} has no key ${key}.`);
  const bytes = Buffer.from(encoded, 'base64');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return encoded;
  }
}
