import type { Clock } from '#common/base/clock';
import type { Container as ContainerSpecObject, Probe } from '#common/kube/types';
import type { Container } from '../containers/container';
import { probeVerdict, type Verdict } from './container-checks';

export interface ContainerProbesOptions {
  clock: Clock;
  container: ContainerSpecObject;
  /** Called when `ready` or `started` changed. */
  onChange: () => void;
  /** Called with the whole text of an event that says what a probe found. */
  onEvent: (reason: 'Unhealthy' | 'ProbeWarning', message: string) => void;
  /** False while nobody looks: the kubelet is down. */
  isLooking: () => boolean;
  /** Called when liveness or startup has failed often enough. */
  onKill: (kind: 'liveness' | 'startup') => void;
}

type Kind = 'startup' | 'readiness' | 'liveness';
/** A kubelet looks for the first time when it has seen the container run: about a second after its start. */
const FIRST_LOOK_MS = 1000;
const NO_RESULTS: ReadonlyMap<string, number> = new Map();

/** The probes of one container; without one of a kind the answer is yes while the container runs. */
export class ContainerProbes {
  readonly #options: ContainerProbesOptions;
  #results: Map<string, number> | undefined;
  #timers: Disposable[] = [];
  #run = 0;
  #ready = false;
  #started = false;

  constructor(options: ContainerProbesOptions) {
    this.#options = options;
  }

  /** How often each probe ended how: `Liveness successful`. */
  get results(): ReadonlyMap<string, number> {
    return this.#results ?? NO_RESULTS;
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
      const { clock, container: spec } = this.#options;
      const verdict = this.#options.isLooking() ? await probeVerdict(probe, { clock, spec, container }) : undefined;
      if (run !== this.#run) return;
      const again = verdict === undefined || this.#count(kind, probe, { tally, verdict, container });
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
    const name = `${kind[0]?.toUpperCase() ?? ''}${kind.slice(1)}`;
    if (verdict.outcome === 'errored') {
      this.#options.onEvent('Unhealthy', `${name} probe errored and resulted in unknown state: ${verdict.message}`);
      return true;
    }
    const isHealthy = verdict.outcome !== 'unhealthy';
    tally.successes = isHealthy ? tally.successes + 1 : 0;
    tally.failures = isHealthy ? 0 : tally.failures + 1;
    const result = `${name} ${isHealthy ? 'successful' : 'failed'}`;
    this.#results ??= new Map();
    this.#results.set(result, (this.#results.get(result) ?? 0) + 1);
    if (verdict.outcome === 'unhealthy') this.#options.onEvent('Unhealthy', `${name} probe failed: ${verdict.message}`);
    if (verdict.outcome === 'warning')
      this.#options.onEvent('ProbeWarning', `${name} probe warning: ${verdict.message}`);
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
