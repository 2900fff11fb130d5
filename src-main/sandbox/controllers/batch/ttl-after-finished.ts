import { Jobs } from '#common/kube/resources';
import type { Job } from '#common/kube/types';
import { again, defineController, settled } from '../runtime/define-controller';
import { ignoreGone, refOf } from '../runtime/ownership';
import { conditionOf } from './job-facts';

/** Removes finished Jobs when the time that they are to be kept is over. */
export const ttlAfterFinishedController = defineController({
  name: 'ttl-after-finished',
  reconciles: Jobs,

  async reconcile(key, { cache, client, clock, signal }) {
    const job = cache.get(Jobs, key);
    if (!job || job.metadata.deletionTimestamp) return settled;
    const leftMs = untilExpired(job, clock.now());
    if (leftMs === undefined) return settled;
    if (leftMs > 0) return again(leftMs);
    const preconditions = { uid: job.metadata.uid, resourceVersion: job.metadata.resourceVersion };
    await ignoreGone(client.remove(Jobs, refOf(job), { propagationPolicy: 'Foreground', preconditions, signal }));
    return settled;
  },
});

/** Milliseconds until a Job may go; undefined while it has not finished, or when it may stay. */
export function untilExpired(job: Job, nowMs: number): number | undefined {
  const { ttlSecondsAfterFinished: seconds } = job.spec;
  const end = conditionOf(job, 'Complete') ?? conditionOf(job, 'Failed');
  if (seconds === undefined || !end?.lastTransitionTime) return undefined;
  return Date.parse(end.lastTransitionTime) + seconds * 1000 - nowMs;
}
