import type { Clock } from '#common/base/clock';
import type { Scope } from '#common/base/scope';
import type { KubeClient } from '#main/client/client';
import type { Informers } from '#main/informer/informers';
import { runController } from './controller-runner';
import type { Controller } from './define-controller';
import type { EventWriter } from './event-recorder';

export interface ControllerDeps {
  /** For controllers that `clientOf` has none for. */
  client: KubeClient;
  /** The client of a controller by its name, where each has its own. */
  clientOf?: ((controller: string) => KubeClient) | undefined;
  informers: Informers;
  events: EventWriter;
  clock: Clock;
  scope: Scope;
  /** A reconcile that failed for no everyday reason. */
  report: (controller: string, key: string, failure: unknown) => void;
}

/** Runs `controllers` until the scope closes. Resolves when all have their caches filled and work. */
export async function startControllers(controllers: readonly Controller[], deps: ControllerDeps): Promise<void> {
  const { events, clientOf, ...world } = deps;
  await Promise.all(
    controllers.map((controller) => {
      const { name, component = `${name}-controller` } = controller;
      const client = clientOf?.(name) ?? world.client;
      const record = events.recorder({ component, client });
      return runController(controller, { ...world, client, record });
    }),
  );
}
