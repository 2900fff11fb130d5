import { isAbsolute, join } from 'node:path';
import { homedir } from 'node:os';

/** Where Pilothouse keeps things on this computer. Nothing is created by asking. */
export interface ProgramFolders {
  /** Preferences and protections. */
  state: string;
  /** One folder per sandbox cluster that is kept. */
  sandboxes: string;
  /** One record per sandbox cluster that runs now. */
  running: string;
  logs: string;
  /** The desktop window's own profile (cache, cookies). */
  desktop: string;
  /** What V8 made of the program; it may be removed at any time. */
  compiled: string;
}

export interface FolderContext {
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  home: string;
}

/** The platform's folders, or everything under $PILOTHOUSE_HOME. */
export function programFolders(
  context: FolderContext = { env: process.env, platform: process.platform, home: homedir() },
): ProgramFolders {
  const { data, state, cache } = baseFolders(context);
  return {
    state,
    sandboxes: join(data, 'sandboxes'),
    running: join(state, 'running'),
    logs: join(state, 'logs'),
    desktop: join(state, 'desktop'),
    compiled: join(cache, 'compiled'),
  };
}

interface BaseFolders {
  data: string;
  state: string;
  cache: string;
}

function baseFolders({ env, platform, home }: FolderContext): BaseFolders {
  const own = env['PILOTHOUSE_HOME'];
  if (own) return allIn(own);
  if (platform === 'darwin') return allIn(join(home, 'Library', 'Application Support', 'Pilothouse'));
  if (platform === 'win32') {
    return allIn(join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'Pilothouse'));
  }
  return {
    data: join(xdg(env['XDG_DATA_HOME'], join(home, '.local', 'share')), 'pilothouse'),
    state: join(xdg(env['XDG_STATE_HOME'], join(home, '.local', 'state')), 'pilothouse'),
    cache: join(xdg(env['XDG_CACHE_HOME'], join(home, '.cache')), 'pilothouse'),
  };
}

function allIn(folder: string): BaseFolders {
  return { data: folder, state: folder, cache: folder };
}

/** The XDG base directory specification: a relative path is ignored. */
function xdg(value: string | undefined, fallback: string): string {
  return value && isAbsolute(value) ? value : fallback;
}
