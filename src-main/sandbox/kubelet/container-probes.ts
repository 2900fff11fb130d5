import { request } from 'node:http';
import type { Clock } from '#common/base/clock';
import type { Container as ContainerSpecObject, Probe } from '#common/kube/types';
import type { Container } from '../containers/container';

export interface ContainerProbesOptions {
  clock: Clock;
  container: ContainerSpecObject;
  /** Called when `ready` or `started` changed. */
  onChange: () => void;
  onFailure: (kind: string, message: string) => void;
  /** Called when liveness or startup has failed often enough. */
  onKill: (kind: 'liveness' | 'startup') => void;
}

type Kind = 'startup' | 'readiness' | 'liveness';
type Verdict = { healthy: true } | { healthy: false; message: string };

/** A kubelet looks for the first time when it has seen the container run: about a second after its start. */
const FIRST_LOOK_MS = 1000;

/** The probes of one container; without one of a kind the answer is yes while the container runs. */
export class ContainerProbes {
  readonly #options: ContainerProbesOptions;
  /** How often each probe ended how: `Liveness successful`. */
  readonly results = new Map<string, number>();
  #timers: Disposable[] = [];
  #run = 0;
  #ready = false;
  #started = false;

  constructor(options: ContainerProbesOptions) {
    this.#options = options;
  }

  get ready(): boolean {
    return this.#started && this.#ready;
  }

  get started(): boolean {
    return this.#started;
  }

  start(container: Container): void {
    const { startupProbe, readinessProbe } = this.#options.container;
    this.stop();
    this.#started = startupProbe === undefined;
    this.#ready = readinessProbe === undefined;
    if (startupProbe) this.#watch('startup', startupProbe, container);
    else this.#afterStartup(container);
  }

  stop(): void {
    this.#run++;
    for (const timer of this.#timers.splice(0)) timer[Symbol.dispose]();
    this.#ready = false;
    this.#started = false;
  }

  #afterStartup(container: Container): void {
    const { readinessProbe, livenessProbe } = this.#options.container;
    if (readinessProbe) this.#watch('readiness', readinessProbe, container);
    if (livenessProbe) this.#watch('liveness', livenessProbe, container);
  }

  #watch(kind: Kind, probe: Probe, container: Container): void {
    const run = this.#run;
    const tally = { successes: 0, failures: 0 };
    const turn = async (): Promise<void> => {
      const verdict = await verdictOf(probe, container, this.#options);
      if (run !== this.#run) return;
      const again = this.#count(kind, probe, { tally, verdict, container });
      if (again) this.#after((probe.periodSeconds ?? 10) * 1000, turn);
    };
    const delayMs = (probe.initialDelaySeconds ?? 0) * 1000;
    this.#after(kind === 'readiness' ? delayMs : Math.max(delayMs, FIRST_LOOK_MS), turn);
  }

  #after(delayMs: number, turn: () => Promise<void>): void {
    const timer = this.#options.clock.after(delayMs, () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
      void turn().catch(() => undefined);
    });
    this.#timers.push(timer);
  }

  /** True when the probe goes on. */
  #count(
    kind: Kind,
    probe: Probe,
    {
      tally,
      verdict,
      container,
    }: { tally: { successes: number; failures: number }; verdict: Verdict; container: Container },
  ): boolean {
    tally.successes = verdict.healthy ? tally.successes + 1 : 0;
    tally.failures = verdict.healthy ? 0 : tally.failures + 1;
    const name = `${kind[0]?.toUpperCase() ?? ''}${kind.slice(1)}`;
    const result = `${name} ${verdict.healthy ? 'successful' : 'failed'}`;
    this.results.set(result, (this.results.get(result) ?? 0) + 1);
    if (!verdict.healthy) this.#options.onFailure(name, verdict.message);
    if (tally.successes >= (probe.successThreshold ?? 1)) return this.#succeeded(kind, container);
    if (tally.failures >= (probe.failureThreshold ?? 3)) return this.#failed(kind);
    return true;
  }

  #succeeded(kind: Kind, container: Container): boolean {
    if (kind === 'startup') {
      this.#started = true;
      this.#afterStartup(container);
      this.#options.onChange();
      return false;
    }
    if (kind === 'readiness' && !this.#ready) {
      this.#ready = true;
      this.#options.onChange();
    }
    return true;
  }

  #failed(kind: Kind): boolean {
    if (kind === 'readiness') {
      if (this.#ready) {
        this.#ready = false;
        this.#options.onChange();
      }
      return true;
    }
    this.#options.onKill(kind);
    return false;
  }
}

async function verdictOf(probe: Probe, target: Container, options: ContainerProbesOptions): Promise<Verdict> {
  if (probe.exec) return execVerdict(probe.exec.command ?? [], target);
  if (probe.httpGet) return httpVerdict(probe.httpGet, target, options);
  if (!probe.tcpSocket) return { healthy: true };
  const port = portOf(probe.tcpSocket.port, options.container);
  const connection = target.dial(port);
  connection?.destroy();
  return connection ? { healthy: true } : refused(target, port);
}

async function execVerdict(command: readonly string[], target: Container): Promise<Verdict> {
  const streams = target.exec(command, { stdin: false, tty: false });
  const output: string[] = [];
  const drains = [streams.stdout, streams.stderr].map(async (chunks) => {
    for await (const chunk of chunks) output.push(Buffer.from(chunk).toString('utf8'));
  });
  const { code, message } = await streams.exit;
  await Promise.all(drains);
  return code === 0 ? { healthy: true } : { healthy: false, message: message ?? output.join('') };
}

type HttpGet = NonNullable<Probe['httpGet']>;

function httpVerdict(httpGet: HttpGet, target: Container, { container }: ContainerProbesOptions): Promise<Verdict> {
  const port = portOf(httpGet.port, container);
  const connection = target.dial(port);
  const { ip } = target.spec;
  const path = httpGet.path ?? '/';
  if (!connection) {
    const message = `Get "http://${ip}:${port}${path}": dial tcp ${ip}:${port}: connect: connection refused`;
    return Promise.resolve({ healthy: false, message });
  }
  const headers = Object.fromEntries((httpGet.httpHeaders ?? []).map(({ name, value }) => [name, value]));
  return new Promise((resolve) => {
    const asked = request(
      {
        createConnection: () => connection,
        path,
        headers: { 'User-Agent': 'kube-probe/1.36', Host: `${ip}:${port}`, ...headers },
      },
      ({ statusCode = 0 }) => {
        connection.destroy();
        const healthy = statusCode >= 200 && statusCode < 400;
        resolve(healthy ? { healthy } : { healthy, message: `HTTP probe failed with statuscode: ${statusCode}` });
      },
    );
    asked.on('error', (failure) => resolve({ healthy: false, message: failure.message }));
    asked.end();
  });
}

const refused = ({ spec }: Container, port: number): Verdict => ({
  healthy: false,
  message: `dial tcp ${spec.ip}:${port}: connect: connection refused`,
});

function portOf(port: number | string, { ports = [] }: ContainerSpecObject): number {
  if (typeof port === 'number') return port;
  return ports.find(({ name }) => name === port)?.containerPort ?? Number(port);
}
