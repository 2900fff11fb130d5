/** A promise to wait at: opened once, or refused and perhaps opened later for those who ask then. */
export class Gate {
  #promise: Promise<void>;
  #resolve: () => void = () => undefined;
  #reject: (failure: unknown) => void = () => undefined;
  #isOpen = false;
  #isRefused = false;

  constructor() {
    this.#promise = this.#renew();
  }

  get opened(): Promise<void> {
    return this.#promise;
  }

  open(): void {
    if (this.#isRefused) this.#promise = this.#renew();
    this.#isOpen = true;
    this.#resolve();
  }

  /** Those who wait are told why; nothing once it is open. */
  refuse(failure: unknown): void {
    if (this.#isOpen) return;
    if (this.#isRefused) this.#promise = this.#renew();
    this.#isRefused = true;
    this.#reject(failure);
  }

  /** What was refused may come after all: those who ask from now on wait again. */
  reset(): void {
    if (this.#isRefused && !this.#isOpen) this.#promise = this.#renew();
  }

  #renew(): Promise<void> {
    this.#isRefused = false;
    const promise = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Nobody may be waiting when it is refused; that is no failure of its own.
    promise.catch(() => undefined);
    return promise;
  }
}
