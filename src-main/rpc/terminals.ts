import type { PilothouseHandlers } from '#common/contract/contract';
import type { Terminals } from '#main/services/terminals/terminals';
import type { ClusterSessions } from '#main/session/session';
import { sessionUse } from './session-use';

export function terminalsHandlers(sessions: ClusterSessions, terminals: Terminals): PilothouseHandlers['terminals'] {
  const { streamWithSession } = sessionUse(sessions);
  return {
    open: (request, { signal }) =>
      streamWithSession(request.cluster, (session) => terminals.open(session, request, signal)),
    write: ({ id, text }) => terminals.write(id, text),
    resize: ({ id, columns, rows }) => terminals.resize(id, columns, rows),
  };
}
