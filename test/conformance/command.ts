import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '#common/base/errors';
import { ConversionWebhook } from '#test/harness/conversion-webhook';
import { openBackend } from './backend';
import { Baseline } from './baseline';
import { differences, type Difference } from './compare';
import { runComparison, type ComparisonOptions } from './comparison';
import type { Script } from './exchange';
import { recorded, record } from './recordings';
import { Score } from './score';
import { runScript, type Answers } from './run-script';
import { scripts } from './scripts/scripts';
import type { ConformanceServer } from './server';
import { openReferenceServer, openSandboxServer } from './servers';
import { WebhookHost } from './webhook-host';

const USAGE = `usage: npm run conformance -- [--recorded | --record] [--only TEXT] [--show] [--update]
  --recorded  compares with the recorded answers of the reference instead of a running one
  --record    keeps the answers of the reference
  --only      scripts whose name holds TEXT
  --show      prints every difference that is not accepted
  --update    writes what is open now to the baseline, and docs/conformance.md`;
const PAGE = join(import.meta.dirname, '../../docs/conformance.md');
const SHOWN = 20;
/** Sandboxes beside recorded answers: scripts wait for time-outs and for what comes later. */
const LANES = 4;

/** `npm run conformance`; answers the exit code: 1 where a difference is new or an open one was mended. */
export function main(args: readonly string[]): Promise<number> {
  return runComparison(args, { usage: USAGE, compare: compareAll, tell: console.error });
}

async function compareAll(options: ComparisonOptions): Promise<number> {
  const chosen = scripts.filter(({ name }) => name.includes(options.only ?? ''));
  const baseline = Baseline.read();
  const score = new Score(baseline);
  await using reference = options.recorded ? undefined : await openReferenceServer(console.error);
  const found = new Map<Script, Map<string, Difference[]>>();
  const waiting = [...chosen];
  const lanes = Array.from({ length: reference ? 1 : LANES }, () =>
    compareNext({ waiting, found, reference, options }),
  );
  await Promise.all(lanes);
  for (const script of chosen) score.add(script, found.get(script) ?? new Map());
  if (options.update) {
    await baseline.writeOpen(score.found);
    if (!options.only) await writeFile(PAGE, score.page());
  }
  return tell(score, options);
}

interface Comparing {
  /** Scripts that nobody has taken yet. */
  waiting: Script[];
  found: Map<Script, Map<string, Difference[]>>;
  reference: ConformanceServer | undefined;
  options: ComparisonOptions;
}

/** Runs script after script against a sandbox of its own, with servers of its own beside it. */
async function compareNext({ waiting, found, reference, options }: Comparing): Promise<void> {
  await using sandbox = await openSandboxServer();
  await using backend = await openBackend();
  await using webhooks = await WebhookHost.open();
  await using converter = await ConversionWebhook.open();
  for (let script = waiting.shift(); script; script = waiting.shift()) {
    const values = {
      ...(script.backend ? backend.values : {}),
      ...(script.webhooks ? webhooks.values : {}),
      ...(script.conversion ? converter.values : {}),
    };
    const expected = reference ? await runScript(script, reference, values) : await recordedAnswers(script);
    if (options.record) await record(script, expected);
    found.set(script, differencesOf(script, expected, await runScript(script, sandbox, values)));
  }
}

async function recordedAnswers(script: Script): Promise<Answers> {
  const answers = await recorded<Answers>(script);
  if (answers) return answers;
  throw new Problem('no-recording', `There is no recording of ${script.name}.`, {
    nextStep: 'Record it beside the reference: npm run conformance -- --record',
  });
}

function differencesOf(script: Script, expected: Answers, found: Answers): Map<string, Difference[]> {
  return new Map(
    script.exchanges.map(({ name }) => {
      const [one, other] = [expected[name], found[name]];
      return [name, one && other ? differences(one, other) : [{ path: '', expected: one, found: other }]];
    }),
  );
}

function tell(score: Score, { show, update }: ComparisonOptions): number {
  const { compared, equal, accepted, different, unexpected, mended } = score.summary();
  console.log(`${compared} exchanges compared: ${equal} equal, ${accepted} accepted, ${different} different`);
  const lines = show ? score.lines() : unexpected;
  for (const line of show ? lines : lines.slice(0, SHOWN)) console.log(line);
  if (!show && lines.length > SHOWN) console.log(`and ${lines.length - SHOWN} more; see all with --show`);
  for (const line of mended) console.log(`no longer different: ${line}`);
  if (update || (unexpected.length === 0 && mended.length === 0)) return 0;
  console.log('The baseline says otherwise: mend what is new, or take out what is mended with --update.');
  return 1;
}
