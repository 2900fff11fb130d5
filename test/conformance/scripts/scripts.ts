import type { Script } from '../exchange';
import { kindScripts } from './kinds';
import { behaviourScripts } from './behaviours';

/** Every script, in the order in which they run. */
export const scripts: readonly Script[] = [...kindScripts, ...behaviourScripts];
