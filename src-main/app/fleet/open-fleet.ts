import { join } from 'node:path';
import type { Clock } from '#common/base/clock';
import type { Scope } from '#common/base/scope';
import { systemClock } from '#main/base/system-clock';
import { programFolders, type ProgramFolders } from './folders';
import { LocalFleet } from './local-fleet';

export interface OpenFleetOptions {
  /** The folder of the built program. */
  out: string;
  scope: Scope;
  /** Sandboxes that are started end with this process. */
  owned: boolean;
  folders?: ProgramFolders;
  clock?: Clock;
}

/** The sandbox clusters of this computer, for a program in the folder `out`. */
export function openFleet(options: OpenFleetOptions): Promise<LocalFleet> {
  const { out, scope, owned, folders = programFolders(), clock = systemClock } = options;
  const asNode = process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {};
  const program = {
    execPath: process.execPath,
    // A packaged desktop program keeps what other processes run beside its archive.
    entry: join(out.replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked'), 'host', 'sandbox-process.cjs'),
    env: { ...process.env, ...asNode },
    logs: folders.logs,
    owned,
  };
  return LocalFleet.open({ folders, program, clock, scope });
}
