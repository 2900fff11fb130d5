import { describe, expect, it } from 'vitest';
import { seededRandom } from '#common/base/random';
import type { Pod } from '#common/kube/types';
import { AttemptLog } from './attempts';
import { profilesOf } from './configuration';
import type { Decision } from './cycle';
import { resolvable } from './plugin';
import { Profile } from './profile';

const [settings] = profilesOf({});
const profile = new Profile(settings!, seededRandom(1));

function pod(uid: string): Pod {
  const metadata = { name: uid, namespace: 'default', uid, resourceVersion: '1', creationTimestamp: '' };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] } };
}

/** Refused by so many nodes. */
function refusal(nodes: number): Decision {
  const no = resolvable('NodeResourcesFit', 'Insufficient cpu');
  const rejections = new Map(Array.from({ length: nodes }, (_one, at) => [`node-${at}`, no]));
  const evaluation = { candidates: [], columns: [], totals: [], rejections };
  return { message: 'no', rejectors: new Set(['NodeResourcesFit']), evaluation };
}

const record = (log: AttemptLog, uid: string, nodes: number, atMs = 0) =>
  log.record(pod(uid), profile, { atMs, decision: refusal(nodes) });

describe('AttemptLog', () => {
  it('keeps the latest attempts of a Pod', () => {
    const log = new AttemptLog();
    for (let atMs = 0; atMs < 8000; atMs += 1000) record(log, 'web', 1, atMs);
    expect(log.of('web').map(({ time }) => time.slice(17, 19))).toEqual(['03', '04', '05', '06', '07']);
    expect(log.of('web')[0]).toEqual({
      time: '1970-01-01T00:00:03.000Z',
      profile: 'default-scheduler',
      message: 'no',
      nodes: [{ name: 'node-0', plugin: 'NodeResourcesFit', reasons: ['Insufficient cpu'] }],
    });
  });

  it('forgets the nodes of the oldest attempts before it grows without end', () => {
    const log = new AttemptLog();
    for (let at = 0; at < 30; at++) record(log, `pod-${at}`, 5000);
    const detailed = Array.from({ length: 30 }, (_one, at) => log.of(`pod-${at}`)[0]).filter((one) => one?.nodes);
    expect(detailed).toHaveLength(20);
    expect(log.of('pod-0')).toEqual([{ time: expect.any(String), profile: 'default-scheduler', message: 'no' }]);
  });

  it('forgets the Pods that were tried longest ago, and those that are gone', () => {
    const log = new AttemptLog();
    for (let at = 0; at < 4001; at++) record(log, `pod-${at}`, 1);
    log.forget('pod-7');
    expect([log.of('pod-0'), log.of('pod-7'), log.of('pod-8').length]).toEqual([[], [], 1]);
  });
});
