import { parseArgs } from 'node:util';
import { messageOf, Problem } from '#common/base/errors';
import { caseNames, CASES, generateCase } from './cases';
import { compareRecorded } from './compare-recorded';
import { furnishOnce } from './furnish';
import type { Outcomes } from './outcome';
import { record } from './record';
import { recordedOutcomes, writeOutcomes } from './recordings';
import { openReferenceScheduler } from './reference-scheduler';
import { addScores } from './scheduler-log';

const USAGE = `usage: npm run scheduling -- [--record] [--cases 500] [--only c12,c13]
  --record  asks the real scheduler first and keeps what it did`;

/** `npm run scheduling`: 1 where the sandbox's scheduler decides otherwise. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const options = { record: { type: 'boolean' }, cases: { type: 'string' }, only: { type: 'string' } } as const;
    const { values } = parseArgs({ args: [...args], options });
    const names = values.only?.split(',') ?? caseNames(Number(values.cases ?? CASES));
    if (values.record) await recordAll(names);
    return await tell(names);
  } catch (failure) {
    console.error(failure instanceof TypeError ? `${messageOf(failure)}\n${USAGE}` : messageOf(failure));
    if (failure instanceof Problem && failure.nextStep) console.error(failure.nextStep);
    return failure instanceof TypeError ? 2 : 1;
  }
}

async function recordAll(names: readonly string[]): Promise<void> {
  await using reference = await openReferenceScheduler(console.error);
  await furnishOnce(reference.client);
  const outcomes: Outcomes = {};
  for (const [at, name] of names.entries()) {
    outcomes[name] = await record(reference.client, generateCase(Number(name.slice(1)))).catch((failure) => {
      throw new Error(`${name}: ${messageOf(failure)}`, { cause: failure });
    });
    if (at % 50 === 49) console.error(`${at + 1} of ${names.length} clusters recorded`);
  }
  addScores(outcomes, await reference.log());
  const known = await recordedOutcomes().catch(() => ({}));
  await writeOutcomes(names.length === CASES ? outcomes : { ...known, ...outcomes });
}

async function tell(names: readonly string[]): Promise<number> {
  const { pods, placed, refused, evicting, differences } = await compareRecorded(names);
  console.log(
    `${names.length} clusters, ${pods} Pods compared: ${placed} placed, ${refused} refused, ${evicting} of them evicting others`,
  );
  for (const { pod, what, expected, found } of differences)
    console.log(`${pod} ${what}\n  real: ${JSON.stringify(expected)}\n  ours: ${JSON.stringify(found)}`);
  console.log(`${differences.length} differences in ${new Set(differences.map(({ pod }) => pod)).size} Pods`);
  return differences.length > 0 ? 1 : 0;
}
