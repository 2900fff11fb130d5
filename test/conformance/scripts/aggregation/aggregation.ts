import type { Script } from '../../exchange';
import { failureScripts } from './failures';
import { openApiScripts } from './open-api';
import { registrationScripts } from './registration';
import { servingScripts } from './serving';

/** What other servers serve behind this one. */
export const aggregationScripts: readonly Script[] = [
  ...registrationScripts,
  ...servingScripts,
  ...failureScripts,
  ...openApiScripts,
];
