/** Tried in this order where a person named no command. */
export const shells: readonly (readonly string[])[] = [['bash'], ['sh']];

/** How runtimes say that the container has no such program (runc, crun, containerd, CRI-O; a shell's own words). */
const MISSING = /executable file not found|no such file or directory|command not found|not found in \$PATH/i;

/** True when a command ended because its program is not in the container, so that the next one may be tried. */
export function isMissingProgram(code: number, words: string): boolean {
  if (MISSING.test(words)) return true;
  return (code === 126 || code === 127) && words.trim() === '';
}
