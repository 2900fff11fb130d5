import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { builtProgram } from '../clients/built-once';
import { HELM_4 } from '../clients/programs';

/** The helm of this computer, or the one that `npm run clients` has built; undefined where there is neither. */
export function findHelm(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return [...folders.map((folder) => join(folder, 'helm')), builtProgram(HELM_4)].find((path) => existsSync(path));
}
