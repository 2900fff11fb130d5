import type { Client } from './client';
import { clientGo, controllerRuntime } from './controllers';
import { controllerHour } from './hour';
import { helm3, helm4 } from './helm';
import { k9sClient } from './k9s';
import { olderKubectls } from './older-kubectl';
import { pythonClient } from './python';

/** Every client, in the order in which they are tried. */
export const clients: readonly Client[] = [
  clientGo,
  controllerRuntime,
  controllerHour,
  helm4,
  helm3,
  k9sClient,
  pythonClient,
  ...olderKubectls,
];
