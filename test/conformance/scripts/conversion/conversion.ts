import type { Script } from '../../exchange';
import { changesScript } from './changes';
import { ownershipScript, servingScript } from './serving';
import { oneOfManyScript, wrongAnswersScript } from './wrong-answers';

export const conversionScripts: readonly Script[] = [
  servingScript,
  ownershipScript,
  wrongAnswersScript,
  oneOfManyScript,
  changesScript,
];
