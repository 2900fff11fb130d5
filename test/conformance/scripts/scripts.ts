import type { Script } from '../exchange';
import { accessScripts } from './access/access';
import { kindScripts } from './kinds';
import { behaviourScripts } from './behaviours';
import { connectScripts } from './connect';

/** Every script, in the order in which they run. */
export const scripts: readonly Script[] = [...kindScripts, ...behaviourScripts, ...accessScripts, ...connectScripts];
