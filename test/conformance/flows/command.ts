import { join } from 'node:path';
import { messageOf } from '#common/base/errors';
import { Baseline } from '../baseline';
import { differences, type Difference } from '../compare';
import { runComparison, type ComparisonOptions } from '../comparison';
import { record, recorded } from '../recordings';
import { agreed, lenient } from './agreed';
import type { Flow } from './flow';
import type { FlowCluster, FlowHost } from './flow-cluster';
import { openReferenceHost } from './reference-host';
import { namespaceOf, runFlow, type Notes } from './run-flow';
import { openSandboxHost } from './sandbox-host';
import { flows } from './scripts/flows';

const USAGE = `usage: npm run flows -- [--recorded | --record] [--only TEXT] [--show] [--update]
  --recorded  compares with what the reference was recorded to do instead of a running one
  --record    keeps what the reference does, twice: what differs between the two is not expected of anybody
  --only      flows whose name holds TEXT
  --show      prints every difference that is not accepted
  --update    writes what is open now to the baseline`;
const BASELINE = join(import.meta.dirname, 'baseline.json');
const SHOWN = 40;

/** `npm run flows`; answers the exit code: 1 where a difference is new, an open one was mended, or a flow broke. */
export function main(args: readonly string[]): Promise<number> {
  return runComparison(args, { usage: USAGE, compare: compareAll, tell: console.error });
}

async function compareAll(options: ComparisonOptions): Promise<number> {
  const chosen = flows.filter(({ name }) => options.only?.split(',').some((part) => name.includes(part)) ?? true);
  const expected = options.recorded ? await recordings(chosen) : await onReference(chosen, options);
  await using sandbox = openSandboxHost();
  const found = await runAll(chosen, sandbox);
  const differing = new Map(
    chosen.map((flow) => [flow.name, differencesOf(expected.get(flow.name), found.get(flow.name))]),
  );
  const baseline = Baseline.read(BASELINE);
  if (options.update) await baseline.writeOpen(differing);
  return tell(differing, baseline, options);
}

/** What a flow did, or why it came to no end. */
type Outcome = { notes: Notes } | { failure: string };

async function recordings(chosen: readonly Flow[]): Promise<Map<string, Outcome>> {
  const found = new Map<string, Outcome>();
  for (const flow of chosen) {
    const notes = await recorded<Notes>(recordingOf(flow));
    found.set(flow.name, notes ? { notes } : { failure: 'there is no recording: npm run flows -- --record' });
  }
  return found;
}

const recordingOf = ({ name }: Flow) => ({ name: `flows/${name}` });

async function onReference(
  chosen: readonly Flow[],
  { record: keeps = false }: ComparisonOptions,
): Promise<Map<string, Outcome>> {
  await using reference = await openReferenceHost(console.error);
  const log = (line: string) => console.error(line);
  const once = await runAll(chosen, reference, log);
  if (!keeps) return once;
  const again = await runAll(chosen, reference, log);
  const kept = new Map<string, Outcome>();
  for (const flow of chosen) {
    const outcomes = [once.get(flow.name), again.get(flow.name)];
    const both = outcomes.flatMap((outcome) => (outcome && 'notes' in outcome ? [outcome.notes] : []));
    const [one, other = one] = both;
    if (!one) {
      kept.set(flow.name, outcomes[0]!);
      continue;
    }
    const notes = agreed(one, other) as Notes;
    await record(recordingOf(flow), notes);
    kept.set(flow.name, { notes });
  }
  return kept;
}

/** Side by side as far as the host allows; those that want to be alone come last. */
async function runAll(
  chosen: readonly Flow[],
  host: FlowHost,
  log: (line: string) => void = () => undefined,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const work = async (waiting: Flow[]) => {
    for (let flow = waiting.shift(); flow; flow = waiting.shift()) {
      const started = performance.now();
      outcomes.set(flow.name, await outcomeOf(flow, host));
      log(`${flow.name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
    }
  };
  const together = chosen.filter(({ alone }) => !alone);
  await Promise.all(Array.from({ length: host.atOnce }, () => work(together)));
  await work(chosen.filter(({ alone }) => alone));
  return outcomes;
}

async function outcomeOf(flow: Flow, host: FlowHost): Promise<Outcome> {
  try {
    await using cluster = await host.open();
    return await tryFlow(flow, cluster);
  } catch (failure) {
    return { failure: messageOf(failure) };
  }
}

async function tryFlow(flow: Flow, cluster: FlowCluster): Promise<Outcome> {
  try {
    const notes = await runFlow(flow, cluster);
    // As a recording is: fields that are undefined are absent.
    return { notes: JSON.parse(JSON.stringify(notes)) as Notes };
  } catch (failure) {
    return { failure: `${cluster.name}: ${messageOf(failure)}\n${cluster.watch.summary(namespaceOf(flow))}` };
  }
}

function differencesOf(expected: Outcome | undefined, found: Outcome | undefined): Difference[] {
  if (!expected || !found) return [];
  if ('failure' in expected) return [{ path: 'expected', expected: expected.failure, found: undefined }];
  if ('failure' in found) return [{ path: 'found', expected: undefined, found: found.failure }];
  return differences(expected.notes, lenient(expected.notes, found.notes));
}

function tell(
  differing: ReadonlyMap<string, readonly Difference[]>,
  baseline: Baseline,
  options: ComparisonOptions,
): number {
  const all = [...differing].flatMap(([flow, here]) =>
    here.map((one) => ({ flow, one, standing: baseline.standingOf(flow, one) })),
  );
  const of = (standing: string) => all.filter((entry) => entry.standing === standing);
  const names = (entries: typeof all) => new Set(entries.map(({ flow }) => flow)).size;
  const different = all.filter(({ standing }) => standing !== 'accepted');
  const equal = differing.size - names(all);
  const accepted = names(all) - names(different);
  console.log(`${differing.size} flows compared: ${equal} equal, ${accepted} accepted, ${names(different)} different`);
  const mended = baseline.mended(differing);
  const lines = (options.show ? different : of('new')).map(({ flow, one }) => `${flow}  ${words(one)}`);
  for (const line of options.show ? lines : lines.slice(0, SHOWN)) console.log(line);
  if (!options.show && lines.length > SHOWN) console.log(`and ${lines.length - SHOWN} more; see all with --show`);
  for (const line of mended) console.log(`no longer different: ${line}`);
  if (options.update || (of('new').length === 0 && mended.length === 0)) return 0;
  console.log('The baseline says otherwise: mend what is new, or take out what is mended with --update.');
  return 1;
}

function words({ path, expected, found }: Difference): string {
  const said = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));
  if (path === 'expected' || path === 'found') return String(expected ?? found);
  return `${path}: expected ${said(expected)}, found ${said(found)}`;
}
