import type { PilothouseHandlers } from '#common/contract/contract';
import type { ClusterId } from '#common/contract/shapes';
import type { SandboxFleet } from '#main/services/sandboxes/fleet';

export function sandboxesHandlers(fleet: SandboxFleet): PilothouseHandlers['sandboxes'] {
  return {
    scenarios: () => fleet.scenarios(),
    create: async (sandbox, { signal }) => ({ cluster: sandboxId((await fleet.create(sandbox, { signal })).name) }),
    start: async ({ name }, { signal }) => ({ cluster: sandboxId((await fleet.start(name, { signal })).name) }),
    stop: ({ name }, { signal }) => fleet.stop(name, { signal }),
    delete: ({ name }, { signal }) => fleet.delete(name, { signal }),
    kubeconfig: ({ name }, { signal }) => fleet.kubeconfig(name, { signal }),
  };
}

function sandboxId(name: string): ClusterId {
  return `sandbox:${name}`;
}
