import { Problem } from '#common/base/errors';
import { findKubectl, minorOfKubectl } from '#test/harness/kubectl';
import { openTriedReference, openTriedSandbox } from '../../clients/servers';
import { runComparison, type ComparisonOptions } from '../../conformance/comparison';
import { record } from '../../conformance/recordings';
import { buildReference, programPath } from '../../reference/binaries';
import type { Chapter } from './chapter';
import { chapters } from './chapters';
import { differencesOf } from './differences';
import { recordedChapter, recordingOf } from './recording';
import { runChapter, type ChapterCluster, type Spoken } from './run-chapter';

const USAGE = `usage: npm run command-lines -- [--recorded | --record] [--only TEXT] [--show]
  --recorded  compares with what the reference was recorded to say to the newest kubectl of this computer
  --record    keeps what the reference says, to that kubectl and to the one of its own release
  --only      chapters whose name holds TEXT
  --show      prints every difference instead of the first of each chapter`;

/** `npm run command-lines`; answers the exit code: 1 where a line is answered otherwise than by the reference. */
export function main(args: readonly string[]): Promise<number> {
  return runComparison(args, { usage: USAGE, compare: compareAll, tell: console.error });
}

async function compareAll(options: ComparisonOptions): Promise<number> {
  const chosen = chapters.filter(({ name }) => options.only?.split(',').some((part) => name.includes(part)) ?? true);
  if (options.recorded) return compareRecorded(chosen, options);
  await buildReference(console.error);
  const kubectls = [programPath('kubectl'), ...(options.record ? installed() : [])];
  const expected = await onReference(chosen, kubectls, options);
  return compareWith(chosen, programPath('kubectl'), expected, options);
}

const installed = (): string[] => [findKubectl()].filter((path) => path !== undefined);

async function onReference(
  chosen: readonly Chapter[],
  kubectls: readonly string[],
  { record: keeps = false }: ComparisonOptions,
): Promise<Map<Chapter, Spoken[]>> {
  await using reference = await openTriedReference(console.error);
  const expected = new Map<Chapter, Spoken[]>();
  for (const kubectl of kubectls) {
    const minor = await minorOfKubectl(kubectl);
    for (const [chapter, spoken] of await runAll(chosen, reference, kubectl)) {
      if (keeps) await record(recordingOf(chapter, minor), spoken);
      if (kubectl === kubectls[0]) expected.set(chapter, spoken);
    }
  }
  return expected;
}

async function compareRecorded(chosen: readonly Chapter[], options: ComparisonOptions): Promise<number> {
  const kubectl = findKubectl();
  if (!kubectl) throw new Problem('no-kubectl', 'kubectl is not installed.', { nextStep: 'Install it.' });
  const minor = await minorOfKubectl(kubectl);
  const expected = new Map<Chapter, Spoken[]>();
  for (const chapter of chosen) {
    const spoken = await recordedChapter(chapter, minor);
    if (!spoken)
      throw new Problem('no-recording', `There is no recording of ${chapter.name} for kubectl 1.${minor}.`, {
        nextStep: 'Record it beside the reference: npm run command-lines -- --record',
      });
    expected.set(chapter, spoken);
  }
  return compareWith(chosen, kubectl, expected, options);
}

async function compareWith(
  chosen: readonly Chapter[],
  kubectl: string,
  expected: ReadonlyMap<Chapter, Spoken[]>,
  { show = false }: ComparisonOptions,
): Promise<number> {
  await using sandbox = await openTriedSandbox();
  let lines = 0;
  let different = 0;
  for (const [chapter, found] of await runAll(chosen, sandbox, kubectl)) {
    const differences = differencesOf(expected.get(chapter) ?? [], found);
    lines += found.length;
    different += differences.length;
    for (const difference of show ? differences : differences.slice(0, 1))
      console.log(`${chapter.name}  ${difference}`);
  }
  console.log(`${chosen.length} chapters, ${lines} lines: ${lines - different} answered alike, ${different} otherwise`);
  return different === 0 ? 0 : 1;
}

async function runAll(
  chosen: readonly Chapter[],
  cluster: ChapterCluster & { name: string },
  kubectl: string,
): Promise<Map<Chapter, Spoken[]>> {
  const spoken = new Map<Chapter, Spoken[]>();
  for (const chapter of chosen) {
    const started = performance.now();
    spoken.set(chapter, await runChapter(chapter, cluster, kubectl));
    console.error(`${chapter.name} on the ${cluster.name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
  return spoken;
}
