import type { Clock } from '#common/base/clock';
import type { PilothouseHandlers } from '#common/contract/contract';
import { applyManifest, updateFromYaml } from '#main/services/apply/apply';
import { describeObject } from '#main/services/describe/describe';
import { objectEvents } from '#main/services/objects/object-events';
import { relatedObjects } from '#main/services/objects/related';
import { watchObject } from '#main/services/objects/watch-object';
import { removeObjects, restartObject, revealSecret, scaleObject } from '#main/services/objects/writes';
import type { ClusterSessions } from '#main/session/session';
import { sessionUse } from './session-use';

export function objectsHandlers(sessions: ClusterSessions, clock: Clock): PilothouseHandlers['objects'] {
  const { withSession, streamWithSession } = sessionUse(sessions);
  return {
    watch: (ref, { signal }) => streamWithSession(ref.cluster, (session) => watchObject(session, ref, signal)),
    events: (ref, { signal }) =>
      streamWithSession(ref.cluster, (session) => objectEvents(session, ref, { clock, signal })),
    related: (ref, { signal }) =>
      streamWithSession(ref.cluster, (session) => relatedObjects(session, ref, { clock, signal })),
    describe: (ref, { signal }) =>
      withSession(ref.cluster, signal, (session) => describeObject(session, ref, { clock, signal })),
    apply: (request, { signal }) =>
      withSession(request.cluster, signal, (session) => applyManifest(session, request, signal)),
    update: (request, { signal }) =>
      withSession(request.cluster, signal, (session) => updateFromYaml(session, request, signal)),
    remove: (request, { signal }) =>
      withSession(request.cluster, signal, (session) => removeObjects(session, request, signal)),
    scale: (request, { signal }) =>
      withSession(request.cluster, signal, (session) => scaleObject(session, request, signal)),
    restart: (request, { signal }) =>
      withSession(request.cluster, signal, (session) => restartObject(session, request, { clock, signal })),
    reveal: (request, { signal }) =>
      withSession(request.cluster, signal, (session) => revealSecret(session, request, signal)),
  };
}
