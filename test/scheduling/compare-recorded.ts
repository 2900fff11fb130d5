import { seededRandom } from '#common/base/random';
import { systemClock } from '#main/base/system-clock';
import { createClient } from '#main/client/kube-client';
import { createApiServer } from '#main/sandbox/apiserver/server';
import { loopback } from '#main/sandbox/loopback';
import { generateCase } from './cases';
import { compareCase, type Difference } from './compare';
import { furnishOnce } from './furnish';
import { recordedOutcomes } from './recordings';

export interface Comparison {
  pods: number;
  placed: number;
  refused: number;
  /** Of the refused ones, those for which others must go. */
  evicting: number;
  differences: Difference[];
}

/** Holds the sandbox's scheduler against what the real one is recorded to have done in these cases. */
export async function compareRecorded(names: readonly string[]): Promise<Comparison> {
  const recorded = await recordedOutcomes();
  const server = await createApiServer({ clock: systemClock, random: seededRandom(1), nodes: () => undefined });
  const carrier = loopback(server, { name: 'comparison', groups: ['system:masters', 'system:authenticated'] });
  const client = createClient(carrier, { fieldManager: 'comparison' });
  const differences: Difference[] = [];
  try {
    await furnishOnce(client);
    for (const name of names) {
      const one = generateCase(Number(name.slice(1)));
      differences.push(...(await compareCase(client, one, recorded[name] ?? [])));
    }
  } finally {
    await carrier.close();
    await server.close();
  }
  const outcomes = names.flatMap((name) => recorded[name] ?? []);
  const placed = outcomes.filter(({ node }) => node).length;
  const evicting = outcomes.filter(({ nominated }) => nominated).length;
  return { pods: outcomes.length, placed, refused: outcomes.length - placed, evicting, differences };
}
