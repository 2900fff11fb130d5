import type { Clock } from '#common/base/clock';
import type { PilothouseHandlers } from '#common/contract/contract';
import type { ConnectionState, SessionState } from '#common/contract/clusters';
import type { ClusterId, Freshness, ResourceKind } from '#common/contract/shapes';
import { Namespaces } from '#common/kube/resources';
import { follow } from '#main/base/pulse';
import type { ClusterSession, ClusterSessions } from '#main/session/session';
import { kindCounts } from '#main/tables/kind-counts';
import { problemReport } from '#common/contract/problem-report';

export function clustersHandlers(sessions: ClusterSessions, clock: Clock): PilothouseHandlers['clusters'] {
  return {
    list: () => [...sessions.list()],
    changes: (_nothing, { signal }) =>
      follow(
        (listener) => sessions.subscribe(listener),
        () => [...sessions.list()],
        signal,
      ),
    session: ({ cluster }, { signal }) => followSession(sessions, cluster, signal),
    retry: ({ cluster }) => {
      using lease = sessions.open(cluster);
      lease.session.retry();
    },
    counts: ({ cluster, namespaces }, { signal }) => followCounts(sessions, clock, { cluster, namespaces }, signal),
    namespaces: ({ cluster }, { signal }) => followNamespaces(sessions, cluster, signal),
    protect: ({ cluster, protection }) => sessions.protect(cluster, protection),
  };
}

async function* followSession(sessions: ClusterSessions, cluster: ClusterId, signal: AbortSignal) {
  using lease = sessions.open(cluster);
  const { session } = lease;
  yield* follow(
    (listener) => session.subscribe(listener),
    () => sessionState(session),
    signal,
  );
}

async function* followCounts(
  sessions: ClusterSessions,
  clock: Clock,
  { cluster, namespaces }: { cluster: ClusterId; namespaces: string[] },
  signal: AbortSignal,
) {
  using lease = sessions.open(cluster);
  yield* kindCounts({ session: lease.session, clock, namespaces }, signal);
}

/** Names in order; where they may not be listed, the context's own namespace. */
async function* followNamespaces(sessions: ClusterSessions, cluster: ClusterId, signal: AbortSignal) {
  using lease = sessions.open(cluster);
  const { informers, defaultNamespace } = lease.session;
  using namespaces = informers.open(Namespaces, { trim: true });
  const { informer } = namespaces;
  let told = '';
  for await (const names of follow(
    (listener) => informer.subscribe(listener),
    () => Array.from(informer.cache.values(), ({ metadata }) => metadata.name).toSorted(),
    signal,
  )) {
    if (names.length === 0 && informer.freshness.state === 'loading') continue;
    const known = names.length > 0 ? names : [defaultNamespace];
    if (known.join() === told) continue;
    told = known.join();
    yield known;
  }
}

function sessionState(session: ClusterSession): SessionState {
  const { state, since, problem, version, user, groups, allRights } = session.status;
  return {
    cluster: session.id,
    state,
    freshness: { state: freshnessOf[state], since, ...(problem ? { message: problem.message } : {}) },
    ...(version ? { version } : {}),
    ...(user ? { user } : {}),
    ...(groups ? { groups: [...groups] } : {}),
    ...(allRights === undefined ? {} : { allRights }),
    protection: session.protection,
    kinds: session.kinds.filter(({ preferred }) => preferred).map(resourceKind),
    ...(problem ? { problem: problemReport(problem) } : {}),
  };
}

const freshnessOf: Readonly<Record<ConnectionState, Freshness['state']>> = {
  closed: 'loading',
  connecting: 'loading',
  live: 'live',
  reconnecting: 'reconnecting',
  unreachable: 'failed',
  'signed-out': 'failed',
  broken: 'failed',
};

function resourceKind(resource: ResourceKind): ResourceKind {
  const { group, version, plural, kind, namespaced, shortNames, categories, verbs, custom, scalable } = resource;
  return { group, version, plural, kind, namespaced, shortNames, categories, verbs, custom, scalable };
}
