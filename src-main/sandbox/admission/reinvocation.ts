/**
 * Who is asked again because others changed the object after them. When anything changed, everybody that may change
 * objects runs a second time; of webhooks and policies only those that ask for it, and only after a change that came
 * later than theirs.
 */
import type { AnyObject } from '#common/kube/object';
import { sameValue } from '#main/sandbox/machinery/same-value';

export class Reinvocation {
  /** The second time. */
  isAgain = false;
  /** Somebody wants a second time. */
  isWanted = false;
  readonly #rounds = new Map<string, Rounds>();

  /** What a plugin remembers from the first time. */
  of(plugin: string): Rounds {
    const rounds = this.#rounds.get(plugin) ?? new Rounds(this);
    this.#rounds.set(plugin, rounds);
    return rounds;
  }
}

export class Rounds {
  readonly #reinvocation: Reinvocation;
  readonly #ran = new Set<string>();
  readonly #due = new Set<string>();
  #left: AnyObject | undefined;

  constructor(reinvocation: Reinvocation) {
    this.#reinvocation = reinvocation;
  }

  /** The plugin begins: what others changed since it ended is a change for all of its parts. */
  begin(object: AnyObject | undefined): void {
    if (this.#reinvocation.isAgain && !sameValue(object, this.#left)) this.#allDue();
  }

  /** Whether a part runs: any the first time, those that are due the second. */
  runs(part: string): boolean {
    return !this.#reinvocation.isAgain || this.#due.has(part);
  }

  ran(part: string, { changed, again }: { changed: boolean; again: boolean }): void {
    if (changed) {
      this.#allDue();
      this.#reinvocation.isWanted = true;
    }
    if (again) this.#ran.add(part);
  }

  end(object: AnyObject | undefined): void {
    this.#left = object && structuredClone(object);
  }

  #allDue(): void {
    for (const part of this.#ran) this.#due.add(part);
    this.#ran.clear();
  }
}
