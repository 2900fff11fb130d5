import type { VirtualFiles } from './virtual-files';

/**
 * Programs of an image that nobody knows: whoever runs it names them in the Pod, so they are there. Each does as a
 * program of the profile does.
 */
export class AdoptedPrograms implements VirtualFiles {
  readonly mode = 0o755;
  readonly madeMs = Date.UTC(2025, 0, 1);
  readonly #texts = new Map<string, string>();
  readonly #relative = new Map<string, string>();

  /** `program` is one of the profile's. A path that is not absolute is there from every folder. */
  add(path: string, program: string): void {
    (path.startsWith('/') ? this.#texts : this.#relative).set(
      path.replace(/^\.\//, ''),
      `#!/bin/sh\nexec ${program} "$@"\n`,
    );
  }

  text(path: string): string | undefined {
    const text = this.#texts.get(path);
    if (text !== undefined || this.#relative.size === 0) return text;
    return [...this.#relative].find(([end]) => path.endsWith(`/${end}`))?.[1];
  }

  names(folder: string): readonly string[] | undefined {
    const prefix = folder === '/' ? '/' : `${folder}/`;
    const below = [...this.#texts.keys()].filter((path) => path.startsWith(prefix));
    if (below.length === 0) return undefined;
    return [...new Set(below.map((path) => path.slice(prefix.length).split('/')[0] ?? ''))];
  }
}
