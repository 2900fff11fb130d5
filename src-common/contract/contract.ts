import { app } from './app';
import { clusters } from './clusters';
import type { Api, Handlers } from './define';
import { forwards } from './forwards';
import { logs } from './logs';
import { objects } from './objects';
import { sandboxes } from './sandboxes';
import { tables } from './tables';
import { terminals } from './terminals';

/** Every operation between window and host. The window's client type and the host's handler type come from it. */
export const contract = { app, clusters, tables, objects, logs, terminals, forwards, sandboxes };

export type PilothouseApi = Api<typeof contract>;
export type PilothouseHandlers = Handlers<typeof contract>;
