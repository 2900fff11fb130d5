import { onAbort } from '#main/base/on-abort';

/** Whether the kubelet of a node runs. Its containers go on without it; nothing is told, probed, pulled or restarted. */
export class NodePower {
  #isOn = true;
  #waiting: (() => void)[] = [];

  get isOn(): boolean {
    return this.#isOn;
  }

  off(): void {
    this.#isOn = false;
  }

  on(): void {
    this.#isOn = true;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves at once while it runs, else when it runs again or `signal` aborts. */
  async untilOn(signal: AbortSignal): Promise<void> {
    while (!this.#isOn && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        onAbort(signal, resolve);
      });
    }
  }
}
