/** Anything a Scope can close: a function, or an object with one of the two disposal methods. */
export type Closeable = (() => void | Promise<void>) | Disposable | AsyncDisposable;

/**
 * One lifetime: owns what was opened under it, carries one AbortSignal, and closes its content in reverse order.
 * `close()` first aborts the signal, then closes each member once; failures are gathered into one AggregateError.
 */
export class Scope implements AsyncDisposable {
  /** Scopes that are open now, by name; a test that leaves one behind fails (test/harness/setup.ts). */
  static readonly open = new Set<Scope>();

  readonly name: string;
  readonly #controller = new AbortController();
  readonly #members = new Set<Closeable>();
  readonly #parent: Scope | undefined;
  #closing: Promise<void> | undefined;

  constructor(name: string, parent?: Scope) {
    this.name = name;
    this.#parent = parent;
    parent?.add(this);
    Scope.open.add(this);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get closed(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Makes `member` live as long as this scope. Added to a closed scope, it is closed at once. */
  add<T extends Closeable>(member: T): T {
    if (this.closed) void closeOne(member);
    else this.#members.add(member);
    return member;
  }

  /** Forgets `member` without closing it: someone else has closed it already. */
  forget(member: Closeable): void {
    this.#members.delete(member);
  }

  child(name: string): Scope {
    return new Scope(`${this.name}/${name}`, this);
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #closeAll(): Promise<void> {
    this.#controller.abort();
    this.#parent?.forget(this);
    const failures: unknown[] = [];
    for (const member of [...this.#members].reverse()) {
      try {
        await closeOne(member);
      } catch (failure) {
        failures.push(failure);
      }
    }
    this.#members.clear();
    Scope.open.delete(this);
    if (failures.length > 0) throw new AggregateError(failures, `closing ${this.name}`);
  }
}

async function closeOne(member: Closeable): Promise<void> {
  if (typeof member === 'function') await member();
  else if (Symbol.asyncDispose in member) await member[Symbol.asyncDispose]();
  else member[Symbol.dispose]();
}
