import type { ClusterId } from '#common/contract/shapes';
import type { ClusterSession, ClusterSessions } from '#main/session/session';

/** Holds the session of a cluster while one call or stream uses it. Calls wait until its kinds are known. */
export function sessionUse(sessions: ClusterSessions) {
  return {
    async withSession<T>(
      cluster: ClusterId,
      signal: AbortSignal,
      use: (session: ClusterSession) => Promise<T>,
    ): Promise<T> {
      using lease = sessions.open(cluster);
      await lease.session.ready(signal);
      return await use(lease.session);
    },
    async *streamWithSession<T>(cluster: ClusterId, use: (session: ClusterSession) => AsyncIterable<T>) {
      using lease = sessions.open(cluster);
      yield* use(lease.session);
    },
  };
}
