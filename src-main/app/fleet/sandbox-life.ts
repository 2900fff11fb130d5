import { Problem } from '#common/base/errors';
import { fromWireError } from '#common/contract/wire';
import { Gate } from '#main/base/gate';
import { orAborted } from '#main/base/linked-abort';
import { lifeOf, NoAnswer } from './control-client';
import type { LifeStatus } from './life';
import type { SandboxRecord } from './record';

type Running = Extract<LifeStatus, { state: 'running' }>;

/** The life of one process, followed from its record to its end. */
export class SandboxLife implements Disposable {
  readonly record: SandboxRecord;
  /** Resolves when the process has ended or cannot be reached any more. */
  readonly ended: Promise<void>;
  /** Resolves with the first answer, or when there is none. */
  readonly answered: Promise<void>;
  readonly #answered = new Gate();
  readonly #left = new AbortController();
  readonly #running = new Gate();
  readonly #changed: () => void;
  #status: LifeStatus | undefined;
  #isUnreachable = false;

  constructor(record: SandboxRecord, changed: () => void) {
    this.record = record;
    this.#changed = changed;
    this.answered = this.#answered.opened;
    this.ended = this.#follow();
  }

  /** Nothing until the first answer. */
  get status(): LifeStatus | undefined {
    return this.#status;
  }

  /** It stopped answering while its port stayed open: it may still live. */
  get isUnreachable(): boolean {
    return this.#isUnreachable;
  }

  /** Resolves when the cluster runs; rejects with the reason why it does not. */
  async running(signal?: AbortSignal): Promise<Running> {
    await orAborted(this.#running.opened, signal);
    const status = this.#status;
    if (status?.state !== 'running') throw endedProblem(this.record.name);
    return status;
  }

  [Symbol.dispose](): void {
    this.#left.abort();
  }

  async #follow(): Promise<void> {
    try {
      for await (const status of lifeOf(this.record, this.#left.signal)) this.#take(status);
    } catch (failure) {
      this.#isUnreachable = failure instanceof NoAnswer;
    }
    this.#answered.open();
    this.#running.refuse(endedProblem(this.record.name));
    this.#changed();
  }

  #take(status: LifeStatus): void {
    this.#status = status;
    this.#answered.open();
    if (status.state === 'running') this.#running.open();
    if (status.state === 'failed') this.#running.refuse(fromWireError(status.error));
    this.#changed();
  }
}

function endedProblem(name: string): Problem {
  return new Problem('sandbox-failed', `The process of the sandbox cluster ${name} has ended.`, {
    nextStep: 'Start it again.',
  });
}
