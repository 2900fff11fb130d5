import type { VirtualFiles } from './virtual-files';

const FOLDERS = new Set(['/bin', '/usr/bin']);
const PROGRAM = /^\/(?:usr\/)?bin\/([^/]+)$/;
/** Programs that the library has as words of its shell only. */
const BUILTIN = new Set(['[', 'test', 'pwd', 'kill']);
const ABOVE: Readonly<Record<string, readonly string[]>> = { '/': ['bin', 'usr'], '/usr': ['bin'] };

/** The programs of an image in `/bin` and `/usr/bin`: each a text that calls it, so that its copies run too. */
export function programFiles(programs: ReadonlySet<string>): VirtualFiles {
  const names = [...programs];
  return {
    mode: 0o755,
    madeMs: Date.UTC(2025, 0, 1),
    text(path) {
      const name = PROGRAM.exec(path)?.[1];
      if (name === undefined || !programs.has(name)) return undefined;
      return `#!/bin/sh\n${BUILTIN.has(name) ? name : `exec ${path}`} "$@"\n`;
    },
    names: (folder) => (FOLDERS.has(folder) ? names : ABOVE[folder]),
  };
}
