import { sleep, type Clock } from '#common/base/clock';
import type { HostCommands, HostResult } from '../containers/host-commands';
import type { Kubelet } from './kubelet';

export interface NodeConsoleOptions {
  kubelet: Kubelet;
  /** Other nodes by name, for who goes on to them. */
  other: (name: string) => NodeConsole | undefined;
  clock: Clock;
  signal: AbortSignal;
  report: (failure: unknown) => void;
}

/** How long a machine takes from its end to the start of its kubelet. */
const BOOT_MS = 30_000;

type Action = (words: readonly string[]) => Promise<HostResult> | HostResult;

const done = (out = ''): HostResult => ({ out, code: 0 });
const failed = (err: string, code = 1): HostResult => ({ err: `${err}\n`, code });

/** The commands of one machine: its kubelet as a service, its container runtime, its power. */
export class NodeConsole implements HostCommands {
  readonly #options: NodeConsoleOptions;
  #isPowered = true;

  constructor(options: NodeConsoleOptions) {
    this.#options = options;
  }

  async run([name = '', ...words]: readonly string[]): Promise<HostResult | undefined> {
    const actions: Readonly<Record<string, Action>> = {
      systemctl: () => this.#systemctl(words),
      journalctl: () => done(this.#journal()),
      crictl: () => this.#crictl(words),
      hostname: () => done(`${this.#name}\n`),
      reboot: () => this.#reboot(),
      poweroff: () => this.#powerOff(),
      shutdown: () => (words.includes('-r') ? this.#reboot() : this.#powerOff()),
      ssh: () => this.#ssh(words),
      ipmitool: () => this.#ipmi(words),
    };
    return actions[name.slice(name.lastIndexOf('/') + 1)]?.(words);
  }

  get #name(): string {
    return this.#options.kubelet.context.name;
  }

  async #systemctl([verb = '', service = '']: readonly string[]): Promise<HostResult> {
    const { kubelet } = this.#options;
    if (!/^kubelet(?:\.service)?$/.test(service)) return failed(`Unit ${service}.service could not be found.`, 4);
    switch (verb) {
      case 'stop':
        await kubelet.stop();
        return done();
      case 'start':
        await kubelet.start();
        return done();
      case 'restart':
        await kubelet.stop();
        await kubelet.start();
        return done();
      case 'is-active':
        return kubelet.isOn ? done('active\n') : { out: 'inactive\n', code: 3 };
      case 'status':
        return { out: this.#status(), code: kubelet.isOn ? 0 : 3 };
      default:
        return failed(`Unknown command verb ${verb}.`);
    }
  }

  #status(): string {
    const { isOn, startedAtMs } = this.#options.kubelet;
    const since = `${new Date(startedAtMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
    const active = isOn ? `active (running) since ${since}` : 'inactive (dead)';
    return `● kubelet.service - kubelet: The Kubernetes Node Agent\n     Loaded: loaded (/usr/lib/systemd/system/kubelet.service; enabled)\n     Active: ${active}\n`;
  }

  #journal(): string {
    const { isOn } = this.#options.kubelet;
    const end = isOn ? '' : 'systemd[1]: Stopped kubelet.service - kubelet: The Kubernetes Node Agent.\n';
    return `systemd[1]: Started kubelet.service - kubelet: The Kubernetes Node Agent.\n${end}`;
  }

  async #crictl([verb = '', ...words]: readonly string[]): Promise<HostResult> {
    const { kubelet } = this.#options;
    const names = words.filter((word) => !word.startsWith('-'));
    switch (verb) {
      case 'ps':
        return done(table(['CONTAINER', 'IMAGE', 'STATE', 'NAME', 'POD'], kubelet.containers()));
      case 'images': {
        const rows = kubelet.context.images
          .list()
          .map(({ name, sizeBytes }) => [name, `${(sizeBytes / 1e6).toFixed(1)}MB`]);
        return done(table(['IMAGE', 'SIZE'], rows));
      }
      case 'rmi': {
        const missing = names.filter((name) => !kubelet.context.images.remove(name));
        return missing.length > 0 ? failed(`no such image ${missing.join(' ')}`) : done();
      }
      case 'rm':
      case 'rmp':
        await kubelet.forgetContainers();
        return done();
      default:
        return failed(`No help topic for '${verb}'`, 3);
    }
  }

  async #reboot(): Promise<HostResult> {
    const { kubelet, clock, signal, report } = this.#options;
    this.#isPowered = false;
    // Whoever asked for it runs on this machine, and does not live to see it.
    void kubelet
      .crash()
      .then(() => sleep(clock, BOOT_MS, signal))
      .then(() => this.#powerOn())
      .catch((failure) => signal.aborted || report(failure));
    return done();
  }

  async #powerOff(): Promise<HostResult> {
    const { kubelet, report } = this.#options;
    this.#isPowered = false;
    void kubelet.crash().catch(report);
    return done();
  }

  async #powerOn(): Promise<void> {
    this.#isPowered = true;
    await this.#options.kubelet.boot();
  }

  async #ssh([target = '', ...words]: readonly string[]): Promise<HostResult> {
    const name = target.slice(target.indexOf('@') + 1);
    const node = this.#options.other(name);
    if (!node) return failed(`ssh: Could not resolve hostname ${name}: Name or service not known`, 255);
    if (!node.#isPowered) return failed(`ssh: connect to host ${name} port 22: No route to host`, 255);
    return (await node.run(words)) ?? failed(`bash: line 1: ${words[0] ?? ''}: command not found`, 127);
  }

  /** Power of another machine, from outside of it. */
  async #ipmi(words: readonly string[]): Promise<HostResult> {
    const at = words.indexOf('-H');
    const node = at < 0 ? undefined : this.#options.other(words[at + 1] ?? '');
    if (!node) return failed('Error: Unable to establish LAN session');
    switch (words.at(-1)) {
      case 'on':
        if (!node.#isPowered) void node.#powerOn().catch(this.#options.report);
        return done('Chassis Power Control: Up/On\n');
      case 'off':
        await node.#powerOff();
        return done('Chassis Power Control: Down/Off\n');
      default:
        return done(`Chassis Power is ${node.#isPowered ? 'on' : 'off'}\n`);
    }
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('');
}
