import { join } from 'node:path';
import { messageOf } from '#common/base/errors';
import { Scope } from '#common/base/scope';
import { startFirstCluster } from '../fleet/first-cluster';
import { programFolders } from '../fleet/folders';
import { openFleet } from '../fleet/open-fleet';
import { programVersion } from '../version';
import { startWebHost } from '../web';
import { openBrowser } from './open-browser';
import type { Program } from './program';

export interface WebCommand {
  /** 0 takes a free one. */
  port: number;
  open: boolean;
}

/** Serves the window to a browser until the program is stopped. */
export async function serveWeb(command: WebCommand, { out, terminal, compiled }: Program): Promise<number> {
  await using scope = new Scope('web');
  const folders = programFolders();
  const fleet = await openFleet({ out, scope, owned: true, folders });
  await fleet.watch();
  const first = await startFirstCluster(fleet, process.env);
  first?.started.catch((failure) => terminal.err(`pilothouse: ${messageOf(failure)}`));
  const host = await startWebHost({
    port: command.port,
    version: programVersion,
    windowFolder: join(out, 'renderer'),
    openFirst: first?.id,
    fleet,
    stateFolder: folders.state,
  });
  scope.add(() => host.close());
  compiled.keep().catch((failure) => terminal.err(`pilothouse: ${messageOf(failure)}`));
  terminal.out(`Pilothouse is served at ${host.url}`);
  terminal.out('Whoever has this address may use it. Ctrl-C ends it.');
  if (command.open && !(await openBrowser(host.url)))
    terminal.err('No browser could be opened: open the address yourself.');
  await stopAsked();
  return 0;
}

/** Resolves at the first signal; the second one ends the program at once. */
function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}
