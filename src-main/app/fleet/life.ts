import type { WireError } from '#common/contract/wire';

/** What the process of a sandbox cluster says about itself, one JSON line per change. */
export type LifeStatus =
  | { state: 'starting'; name: string; ephemeral: boolean }
  | { state: 'running'; name: string; ephemeral: boolean; url: string; nodes: number; note?: string }
  | { state: 'stopping'; name: string; ephemeral: boolean }
  | { state: 'failed'; name: string; ephemeral: boolean; error: WireError };

/** Where the process of a sandbox cluster answers, below its control port. */
export const controlPaths = { life: '/life', kubeconfig: '/kubeconfig', stop: '/stop' } as const;
