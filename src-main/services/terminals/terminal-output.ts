import type { ProcessStreams } from '#main/base/process-streams';
import { Pulse } from '#main/base/pulse';

/** Characters that may wait for the window before the process is held back. */
const MAX_WAITING = 1 << 18;

/** What a process writes, as text: bytes of one character that arrive apart are put together. */
export class TerminalOutput {
  readonly #changed = new Pulse();
  readonly #firstText: Promise<string>;
  #waiting = '';
  #ended = false;
  #room: (() => void) | undefined;
  #toldFirst: (text: string) => void = () => undefined;

  constructor(process: ProcessStreams) {
    this.#firstText = new Promise((resolve) => (this.#toldFirst = resolve));
    void this.#read(process);
  }

  /** What was written and not yet taken. */
  get seen(): string {
    return this.#waiting;
  }

  /** The first text; empty when the process ends without any. */
  first(): Promise<string> {
    return this.#firstText;
  }

  /** All that was written since the last item, until the process ends. */
  async *texts(signal: AbortSignal): AsyncGenerator<string> {
    while (!signal.aborted) {
      if (this.#waiting !== '') {
        const text = this.#waiting;
        this.#waiting = '';
        this.#room?.();
        yield text;
      } else if (this.#ended) return;
      else await this.#changed.taken(signal);
    }
  }

  async #read({ stdout }: ProcessStreams): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of stdout) {
        this.#add(decoder.decode(chunk, { stream: true }));
        if (this.#waiting.length > MAX_WAITING) await new Promise<void>((resolve) => (this.#room = resolve));
      }
      this.#add(decoder.decode());
    } finally {
      this.#ended = true;
      this.#toldFirst('');
      this.#changed.set();
    }
  }

  #add(text: string): void {
    if (text === '') return;
    this.#waiting += text;
    this.#toldFirst(this.#waiting);
    this.#changed.set();
  }
}
