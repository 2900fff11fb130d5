/** One random history of a cluster, and what was wrong at its end. */
import { seededRandom } from '#common/base/random';
import { broken, isAnyExhausted } from './invariants';
import { furnish, heal, perform, randomSteps, type Step } from './steps';
import { World } from './world';

export interface Trial {
  seed: number;
  steps: readonly Step[];
}

const NODES = 3;
/** After this much of the cluster's time everything has had its chance: retries wait up to a thousand seconds. */
const QUIET_MS = 3_600_000;
/** For this long nothing is written any more. */
const STILL_MS = 3_600_000;

/** What stands in a controller's way for good reason: it tries again. */
const REFUSALS = /exceeded quota|pvc \S+ is being deleted/;

export function trial(seed: number, length: number): Trial {
  return { seed, steps: randomSteps(seededRandom(seed), length) };
}

/** What does not hold after the history: nothing, if all is well. */
export async function problemsOf({ seed, steps }: Trial): Promise<string[]> {
  await using world = await World.open(seed, NODES);
  const { sandbox } = world;
  await furnish(world);
  for (const step of steps) await perform(world, step);
  await heal(world);
  await sandbox.advance(QUIET_MS);
  const state = await world.state();
  const problems = broken(state, sandbox.clock.now());
  const before = await sandbox.revision();
  await sandbox.advance(STILL_MS);
  const after = await sandbox.revision();
  // Where a quota is in the way somebody tries again and again, and says so.
  if (before !== after && !isAnyExhausted(state))
    problems.push(`Nothing is written any more: ${Number(after) - Number(before)} writes in an hour`);
  const unexpected = sandbox.reports.filter((report) => !REFUSALS.test(report));
  return [...problems, ...unexpected.map((report) => `Nothing unexpected is reported: ${report}`)];
}

/** A shorter history that still ends badly: pieces are left out for as long as it does. */
export async function shrink(failing: Trial, attempts = 60): Promise<Trial> {
  let best = failing;
  let left = attempts;
  for (let size = Math.ceil(best.steps.length / 2); size >= 1 && left > 0; size = Math.floor(size / 2)) {
    for (let from = 0; from < best.steps.length && left > 0;) {
      const steps = [...best.steps.slice(0, from), ...best.steps.slice(from + size)];
      const shorter = { ...best, steps };
      left--;
      if ((await problemsOf(shorter)).length > 0) best = shorter;
      else from += size;
    }
  }
  return best;
}

/** As it is printed, and can be given to a test. */
export function describeTrial({ seed, steps }: Trial): string {
  return [`seed ${seed}, ${steps.length} steps`, ...steps.map((step) => `  ${JSON.stringify(step)}`)].join('\n');
}
