/** What stands where in the source of an expression. */

/** A string literal as a whole, at the start: what stands inside of it is no code. */
export const TEXT = /^(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/;

/** True where no name or field goes on from before. */
export const isWordStart = (source: string, at: number): boolean => at === 0 || !/[\w.]/.test(source.charAt(at - 1));
