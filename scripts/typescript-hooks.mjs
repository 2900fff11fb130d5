// How Node finds and reads our TypeScript: `./name` is `./name.ts`, and types are taken out by the compiler of Vite.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'rolldown/utils';

export function resolve(specifier, context, next) {
  const isOurs = /^\.\.?\//.test(specifier) && context.parentURL?.endsWith('.ts') && !/\.\w+$/.test(specifier);
  return next(isOurs ? `${specifier}.ts` : specifier, context);
}

export function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const path = fileURLToPath(url);
  const { code } = transformSync(path, readFileSync(path, 'utf8'));
  return { format: 'module', source: code, shortCircuit: true };
}
