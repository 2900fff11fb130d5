import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { ClusterClock } from '#main/sandbox/control/cluster-clock';
import type { Client } from './client';
import { goProgram } from './go-program';
import { openTriedSandbox } from './servers';

const MINUTES = 60;
const CHANGE_EVERY = 5;
const WIDGETS = ['one', 'two', 'three'];

/** What the controller did and asked for since it began, as test/clients/go/reconciler/hour.go tells it. */
interface Tally {
  runs: number;
  writes: number;
  conflicts: number;
  failures: number;
  lists: number;
  watches: number;
  watchLists: number;
}

/** The sandbox's own clock is moved, which no other server has. */
export const controllerHour: Client = {
  name: 'controller-hour',
  title: 'controller-runtime, an hour',
  does: 'reconciles three custom resources through an hour of the sandbox’s time, with a change every five minutes: nothing is listed again, no watch ends, nothing is reconciled that has not changed',
  isForSandboxAlone: true,
  async prepare(log) {
    const program = await goProgram('reconciler', log);
    return async () => {
      const clock = new ClusterClock();
      await using sandbox = await openTriedSandbox({ name: 'hour', clock });
      await using controller = new WatchedController(program, sandbox.kubeconfig);
      return await throughAnHour(controller, clock);
    };
  },
};

async function throughAnHour(controller: WatchedController, clock: ClusterClock): Promise<string[]> {
  for (const name of WIDGETS) await controller.ask(`create ${name}`);
  const started = await controller.ask('count');
  const startedAt = clock.now();
  let latest = started;
  let changes = 0;
  for (let minute = 1; minute <= MINUTES; minute++) {
    await clock.step(60_000);
    const quiet = await controller.ask('count');
    if (quiet.runs !== latest.runs) {
      throw new Error(`minute ${minute}: ${quiet.runs - latest.runs} reconciles although nothing had changed`);
    }
    latest = quiet;
    if (minute % CHANGE_EVERY !== 0) continue;
    const name = WIDGETS[changes++ % WIDGETS.length];
    const changed = await controller.ask(`change ${name} minute-${minute}`);
    if (changed.runs === latest.runs) throw new Error(`minute ${minute}: the change of ${name} was not reconciled`);
    latest = changed;
  }
  const hours = (clock.now() - startedAt) / 3_600_000;
  const since = (key: keyof Tally) => latest[key] - started[key];
  const surprises = (['failures', 'lists', 'watches', 'watchLists'] as const).filter((key) => since(key) !== 0);
  if (surprises.length > 0) {
    throw new Error(surprises.map((key) => `${since(key)} ${key} in an hour of quiet`).join(', '));
  }
  return [
    `${hours.toFixed(2)} hours, ${changes} changes, ${since('runs')} reconciles, ${since('writes')} writes, ${since('conflicts')} conflicts`,
    'no failures, nothing listed again, no watch ended, nothing reconciled without a change',
  ];
}

/** The controller in a process of its own, asked line by line. */
class WatchedController implements AsyncDisposable {
  readonly #child;
  readonly #answers: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;
  #complaints = '';

  constructor(program: string, kubeconfig: string) {
    this.#child = spawn(program, ['-kubeconfig', kubeconfig, '-watch'], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#child.stderr.setEncoding('utf8').on('data', (part: string) => (this.#complaints = part));
    this.#ended = once(this.#child, 'close');
    // One that has ended is noticed by the missing answer.
    this.#child.stdin.on('error', () => undefined);
  }

  async ask(command: string): Promise<Tally> {
    this.#child.stdin.write(`${command}\n`);
    const { value, done } = await this.#answers.next();
    if (done) {
      await this.#ended;
      throw new Error(`the controller ended at "${command}": ${this.#complaints.trim()}`);
    }
    return JSON.parse(value) as Tally;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end('end\n');
    await this.#ended;
  }
}
