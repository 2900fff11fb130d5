import { Problem } from '#common/base/errors';
import type { Protection } from '#common/contract/clusters';
import type { ClusterId } from '#common/contract/shapes';
import type { Carrier, CarrierRequest, UpgradeRequest } from '#main/client/carrier';
import { readIfThere, writeAtomically } from '#main/base/files';

/** Which clusters are protected; kept between starts. */
export interface Protections {
  of(id: ClusterId): Protection;
  set(id: ClusterId, protection: Protection): Promise<void>;
}

/** Throws when a write to the cluster called `name` may not pass. */
export function checkWrite(protection: Protection, name: string, confirmation: string | undefined): void {
  if (protection === 'read-only') {
    throw new Problem('read-only', `${name} is read-only: nothing was sent.`, {
      nextStep: 'Change the protection of the cluster to write to it.',
    });
  }
  if (protection === 'protected' && confirmation !== name) {
    throw new Problem('protected', `${name} is protected: the write was not confirmed with its name.`, {
      nextStep: `Type ${name} to confirm.`,
    });
  }
}

/** A carrier that asks `guard` before anything that could change the cluster. */
export function guardedCarrier(carrier: Carrier, guard: () => void): Carrier {
  return {
    async send(request) {
      if (isWrite(request)) guard();
      return carrier.send(request);
    },
    async upgrade(request) {
      if (entersContainer(request)) guard();
      return carrier.upgrade(request);
    },
    close: () => carrier.close(),
  };
}

/** Questions that are asked by POST and change nothing. */
const reviews = /^\/apis\/(authorization|authentication)\.k8s\.io\/[^/]+\/(.*\/)?[a-z]+reviews$/;

export function isWrite({ method, path, query }: Pick<CarrierRequest, 'method' | 'path' | 'query'>): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  return !reviews.test(path) && query?.['dryRun'] !== 'All';
}

/** exec and attach can do anything inside a container; port-forward and logs only read from the cluster's side. */
function entersContainer({ path }: UpgradeRequest): boolean {
  return /\/(exec|attach)$/.test(path);
}

const levels: readonly Protection[] = ['none', 'protected', 'read-only'];

/** Protections kept in a JSON file; one that cannot be read is a Problem, never "unprotected". */
export async function loadProtections(path: string): Promise<Protections> {
  const kept = new Map(parse(path, await readIfThere(path)));
  return {
    of: (id) => kept.get(id) ?? 'none',
    async set(id, protection) {
      if (protection === 'none') kept.delete(id);
      else kept.set(id, protection);
      await writeAtomically(path, `${JSON.stringify(Object.fromEntries(kept), undefined, 2)}\n`);
    },
  };
}

function parse(path: string, text: string | undefined): [ClusterId, Protection][] {
  if (text === undefined) return [];
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return entries.map(([id, level]) => [id, levels.find((known) => known === level) ?? 'read-only']);
  } catch (cause) {
    throw new Problem('protections-unreadable', `The list of protected clusters, ${path}, cannot be read.`, {
      nextStep: 'Correct or delete the file, then start again.',
      cause,
    });
  }
}

/** Protections that end with the process. */
export function memoryProtections(): Protections {
  const kept = new Map<ClusterId, Protection>();
  return {
    of: (id) => kept.get(id) ?? 'none',
    async set(id, protection) {
      kept.set(id, protection);
    },
  };
}
