const standIn = new URL('./electron.mjs', import.meta.url).href;

/** A resolve hook of Node's module loader. */
export function resolve(specifier, context, next) {
  if (specifier === 'electron') return { url: standIn, shortCircuit: true };
  return next(specifier, context);
}
