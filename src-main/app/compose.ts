import { join } from 'node:path';
import type { Clock } from '#common/base/clock';
import { seededRandom } from '#common/base/random';
import type { Scope } from '#common/base/scope';
import type { AppInfo } from '#common/contract/app';
import type { PilothouseHandlers } from '#common/contract/contract';
import { systemClock } from '#main/base/system-clock';
import { locateKubeconfig } from '#main/kubeconfig/locate';
import { watchKubeconfig } from '#main/kubeconfig/watch';
import { appHandlers } from '#main/rpc/app';
import { clustersHandlers } from '#main/rpc/clusters';
import { forwardsHandlers } from '#main/rpc/forwards';
import { logsHandlers } from '#main/rpc/logs';
import { objectsHandlers } from '#main/rpc/objects';
import { sandboxesHandlers } from '#main/rpc/sandboxes';
import { tablesHandlers } from '#main/rpc/tables';
import { terminalsHandlers } from '#main/rpc/terminals';
import { Forwards } from '#main/services/forwards/forwards';
import { Preferences } from '#main/services/preferences/preferences';
import type { SandboxFleet } from '#main/services/sandboxes/fleet';
import { Terminals } from '#main/services/terminals/terminals';
import { createCatalogue } from '#main/session/catalogue';
import { loadProtections } from '#main/session/protection';
import type { ClusterSessions } from '#main/session/session';
import { createClusterSessions } from '#main/session/sessions';
import { TableViews } from '#main/tables/table-views';

export interface HostOptions {
  info: AppInfo;
  fleet: SandboxFleet;
  /** Where preferences and protections are kept. */
  stateFolder: string;
  /** Everything closes with it. */
  scope: Scope;
  /** Names the kubeconfig files ($KUBECONFIG); the process's own unless given. */
  env?: Readonly<Record<string, string | undefined>>;
  clock?: Clock;
  openExternal?: (url: string) => Promise<void>;
}

export interface Host {
  handlers: PilothouseHandlers;
  sessions: ClusterSessions;
}

/** Builds everything between a kubeconfig and a window. Nothing connects before a window asks for a cluster. */
export async function composeHost(options: HostOptions): Promise<Host> {
  const { info, fleet, stateFolder, scope, env = process.env, clock = systemClock, openExternal } = options;
  const kubeconfig = await watchKubeconfig(locateKubeconfig(env), { clock, scope });
  const sessions = createClusterSessions({
    catalogue: createCatalogue(kubeconfig, fleet),
    protections: await loadProtections(join(stateFolder, 'protections.json')),
    clock,
    random: seededRandom(clock.now()),
    scope,
    env,
    userAgent: `pilothouse/${info.version}`,
  });
  const forwards = scope.add(new Forwards(sessions, clock));
  const preferences = new Preferences(join(stateFolder, 'preferences.json'));
  const handlers: PilothouseHandlers = {
    app: appHandlers({ info, preferences, clock, openExternal }),
    clusters: clustersHandlers(sessions, clock),
    tables: tablesHandlers(new TableViews(sessions, clock)),
    objects: objectsHandlers(sessions, clock),
    logs: logsHandlers(sessions, clock),
    terminals: terminalsHandlers(sessions, new Terminals()),
    forwards: forwardsHandlers(forwards),
    sandboxes: sandboxesHandlers(fleet),
  };
  return { handlers, sessions };
}
