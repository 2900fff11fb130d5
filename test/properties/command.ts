/** usage: npm run properties -- [--seeds COUNT] [--from SEED] [--steps COUNT] [--no-shrink] */
import { parseArgs } from 'node:util';
import { describeTrial, problemsOf, shrink, trial } from './trial';

export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string', default: '50' },
      from: { type: 'string', default: '1' },
      steps: { type: 'string', default: '40' },
      'no-shrink': { type: 'boolean', default: false },
    },
  });
  const [count, from, length] = [values.seeds, values.from, values.steps].map(Number) as [number, number, number];
  let failed = 0;
  for (let seed = from; seed < from + count; seed++) {
    const startedMs = performance.now();
    const problems = await problemsOf(trial(seed, length));
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    process.stdout.write(
      `seed ${seed}: ${problems.length === 0 ? 'holds' : `${problems.length} problems`} (${seconds} s)\n`,
    );
    if (problems.length === 0) continue;
    failed++;
    const shown = values['no-shrink'] ? trial(seed, length) : await shrink(trial(seed, length));
    const left = values['no-shrink'] ? problems : await problemsOf(shown);
    process.stdout.write(`${[...left, describeTrial(shown)].map((line) => `  ${line}`).join('\n')}\n`);
  }
  process.stdout.write(`${count - failed} of ${count} histories end as they should\n`);
  return failed === 0 ? 0 : 1;
}
