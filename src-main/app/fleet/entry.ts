import { messageOf } from '#common/base/errors';
import type { SandboxEntry } from '#main/services/sandboxes/fleet';
import { isDamaged, type DamagedSandbox, type KeptSandbox } from './kept-sandbox';
import type { SandboxLife } from './sandbox-life';

/** All that is known of one sandbox cluster. */
export interface KnownSandbox {
  name: string;
  kept?: KeptSandbox | DamagedSandbox | undefined;
  /** Its process, while there is one. */
  life?: SandboxLife | undefined;
  /** Why it could not be opened the last time. */
  failure?: Error | undefined;
  /** A process for it is being started: resolves when it has a life, or failed to get one. */
  launching?: Promise<void>;
}

/** The part of it that the person is told. */
type Telling = Omit<KnownSandbox, 'life' | 'launching'> & {
  life?: Pick<SandboxLife, 'status'> | undefined;
  launching?: unknown;
};

/** What the person is told about a sandbox cluster: its process says it best, then its folder. */
export function planEntry({ name, kept, life, failure, launching }: Telling): SandboxEntry {
  const nodes = kept && !isDamaged(kept) ? { nodes: kept.nodes } : {};
  const base = { name, ...nodes, ephemeral: !kept };
  if (launching || life) return { ...base, ...runningPart(life?.status) };
  if (isDamaged(kept)) return { ...base, state: 'damaged', message: kept.damage };
  if (failure) return { ...base, state: 'damaged', message: messageOf(failure) };
  return { ...base, state: 'stopped' };
}

function runningPart(status: SandboxLife['status']): Pick<SandboxEntry, 'state' | 'url' | 'nodes'> {
  if (status?.state === 'running') return { state: 'running', url: status.url, nodes: status.nodes };
  return { state: status?.state === 'stopping' ? 'stopped' : 'starting' };
}
