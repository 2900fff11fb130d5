import type { Clock } from '#common/base/clock';
import type { PilothouseHandlers } from '#common/contract/contract';
import { followPodLogs } from '#main/services/logs/follow-pods';
import type { ClusterSessions } from '#main/session/session';
import { sessionUse } from './session-use';

export function logsHandlers(sessions: ClusterSessions, clock: Clock): PilothouseHandlers['logs'] {
  const { streamWithSession } = sessionUse(sessions);
  return {
    follow: (request, { signal }) =>
      streamWithSession(request.cluster, (session) => followPodLogs(session, request, { clock, signal })),
  };
}
