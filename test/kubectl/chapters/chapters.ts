import { access } from './access';
import { applies } from './applies';
import type { Chapter } from './chapter';
import { creates } from './creates';
import { customs } from './customs';
import { deletes } from './deletes';
import { explains } from './explains';
import { nodes } from './nodes';
import { reads } from './reads';
import { rollouts } from './rollouts';
import { sets } from './sets';
import { watches } from './watches';

/** Those that want to be alone come last. */
export const chapters: readonly Chapter[] = [
  applies,
  sets,
  creates,
  reads,
  watches,
  rollouts,
  access,
  deletes,
  nodes,
  customs,
  explains,
];
