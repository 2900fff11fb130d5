import { delimiter, dirname, join } from 'node:path';
import { programPath } from '../reference/binaries';
import type { Client, TriedServer } from './client';
import { CommandLine } from './command-line';
import { HEADING } from './compare';
import { linesOf } from './normalise';
import { k9s, K9S } from './programs';
import { checkTmux, Terminal } from './terminal';

const NAMESPACE = 'k9s';

export const k9sClient: Client = {
  name: 'k9s',
  title: `k9s ${K9S.version}`,
  does: 'in a terminal: Pods, a filter, YAML, :deploy, describe, scale, delete, :events, a kind that is not there; logs and a shell where Pods run',
  async prepare(log) {
    await checkTmux();
    const program = await k9s(log);
    return (server) => tryK9s(program, server);
  },
};

async function tryK9s(program: string, { kubeconfig, folder, isLive }: TriedServer): Promise<string[]> {
  // Shells are opened by the kubectl that is found there.
  const path = `${dirname(programPath('kubectl'))}${delimiter}${process.env['PATH'] ?? ''}`;
  const home = { HOME: folder, K9S_CONFIG_DIR: join(folder, 'k9s'), XDG_STATE_HOME: folder };
  const env = { ...home, KUBECONFIG: kubeconfig, PATH: path };
  const kubectl = new CommandLine('kubectl', programPath('kubectl'), { env });
  await kubectl.quietly(['create', 'namespace', NAMESPACE]);
  await kubectl.quietly(['create', 'deployment', 'web', '--image=nginx:1.27', '--replicas=2', '-n', NAMESPACE]);
  const command = [program, '--namespace', NAMESPACE, '--command', 'pods', '--logoless', '--splashless'];
  await using terminal = await Terminal.start(command, env);
  const trial = new K9sTrial(terminal);
  await trial.pods();
  await trial.deployments();
  if (isLive) await trial.live();
  await trial.rest();
  await kubectl.quietly(['delete', 'namespace', NAMESPACE]);
  return trial.lines;
}

class K9sTrial {
  readonly lines: string[] = [];
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  async pods(): Promise<void> {
    const terminal = this.#terminal;
    this.#saw('opens on Pods', rows(await terminal.shows(running(2), 'two Pods that run')));
    await terminal.type('/nobody');
    await terminal.press('Enter');
    await terminal.shows(running(0), 'no Pods');
    await terminal.press('Escape');
    await terminal.shows(running(2), 'two Pods again');
    await terminal.type('y');
    this.#saw(
      'shows YAML',
      wordsIn(await terminal.shows(/kind: Pod|apiVersion: v1/, 'YAML'), /^(apiVersion|kind): .*/),
    );
    await terminal.press('Escape');
    await terminal.shows(running(2), 'two Pods again');
  }

  async deployments(): Promise<void> {
    const terminal = this.#terminal;
    await this.#command('deploy');
    this.#saw(':deploy', rows(await terminal.shows(/web +2\/2/, 'the Deployment')));
    await terminal.type('d');
    const words = /^(Replicas|Selector|StrategyType|RollingUpdateStrategy|Pod Template):.*/;
    this.#saw('describes', wordsIn(await terminal.shows(/StrategyType/, 'a description'), words));
    await terminal.press('Escape');
    await terminal.shows(/web +2\/2/, 'the Deployment again');
    await terminal.type('s');
    await terminal.shows(/Replicas: 2/, 'the scale dialog');
    await terminal.press('BSpace');
    await terminal.type('3');
    await terminal.shows(/Replicas: 3/, 'three replicas in the dialog');
    await terminal.press('Tab', 'Enter');
    this.#saw('scales', rows(await terminal.shows(/web +3\/3/, 'three replicas')));
    await this.#command('pods');
    const before = await terminal.shows(running(3), 'three Pods');
    await terminal.press('C-d');
    await terminal.shows(/Propagation/, 'the delete dialog');
    await terminal.press('Tab', 'Enter');
    const [first = ''] = names(before);
    const isReplaced = (screen: string) => running(3)(screen) && !screen.includes(first);
    this.#saw('deletes a Pod, which is replaced', rows(await terminal.shows(isReplaced, 'another Pod in its place')));
  }

  /** What only Pods that run for real can show. */
  async live(): Promise<void> {
    const terminal = this.#terminal;
    await terminal.type('l');
    await terminal.shows(/nginx|worker process|docker-entrypoint/, 'the log of nginx');
    await terminal.press('Escape');
    await terminal.shows(running(3), 'three Pods');
    await terminal.type('s');
    await terminal.shows(/[#$] *$/m, 'a prompt');
    await terminal.type('echo $((6 * 7))');
    await terminal.press('Enter');
    await terminal.shows(/^42$/m, 'the answer of the shell');
    await terminal.type('exit');
    await terminal.press('Enter');
    await terminal.shows(running(3), 'three Pods');
  }

  async rest(): Promise<void> {
    const terminal = this.#terminal;
    await this.#command('events');
    this.#saw(':events', [
      /SuccessfulCreate|ScalingReplicaSet|Killing|Scheduled/.test(
        await terminal.shows(/SuccessfulCreate|ScalingReplicaSet/, 'events'),
      )
        ? 'events'
        : '',
    ]);
    await this.#command('ns');
    this.#saw(':ns', rows(await terminal.shows(/kube-node-lease/, 'namespaces')));
    await this.#command('rs');
    this.#saw(':rs', rows(await terminal.shows(/web-\w+ +3 +3 +3/, 'the ReplicaSet')));
    await this.#command('nodes');
    await terminal.shows(/node-1[\s\S]*node-2/, 'the nodes');
    await this.#command('nothings');
    await terminal.shows(/nothings/, 'that there are no nothings');
  }

  async #command(text: string): Promise<void> {
    await this.#terminal.type(`:${text}`);
    await this.#terminal.press('Enter');
  }

  #saw(what: string, lines: readonly string[]): void {
    this.lines.push(`${HEADING}${what}`, ...lines);
  }
}

/** Exactly so many Pods that run and are ready. */
const running = (count: number) => (screen: string) =>
  [...screen.matchAll(/web-\S+ .*1\/1 +Running/g)].length === count;

const names = (screen: string): string[] => [...screen.matchAll(/web-\w+-\w+/g)].map(([name]) => name);

/** Rows of the table on the screen: names and counts, without what only one server has or what differs from run to run. */
function rows(screen: string): string[] {
  const found = screen.split('\n').filter((line) => /^│ +[a-z0-9]/.test(line));
  return found
    .map((line) => linesOf(line.replaceAll('│', '').trim()).join('').split(/ {2,}/).slice(0, 4).join('  '))
    .sort();
}

const wordsIn = (screen: string, pattern: RegExp): string[] =>
  screen.split('\n').flatMap((line) => pattern.exec(line.replaceAll('│', '').trim())?.[0] ?? []);
