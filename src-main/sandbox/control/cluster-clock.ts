import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '#common/base/clock';
import { outsideWorkDone } from '#main/base/outside-work';
import { systemClock } from '#main/base/system-clock';
import { TimerHeap } from './timer-heap';

/** Turns of the event loop in which a cluster settles between two moments of a step. */
const SETTLING_TURNS = 8;
/** Timers that a running clock is late by less than this are due. */
const PRECISION_MS = 0.5;

/** The time of one cluster: it can stand still, run faster or slower, and move at once. */
export class ClusterClock implements Clock {
  readonly #real: Clock;
  readonly #timers = new TimerHeap();
  /** A moment of this clock, and the real one at which it was. */
  #anchor: { atMs: number; realMs: number };
  #rate = 1;
  #isPaused = false;
  #isStepping = false;
  #alarm: { at: number; timer: Disposable } | undefined;

  constructor(real: Clock = systemClock) {
    this.#real = real;
    this.#anchor = { atMs: real.now(), realMs: real.now() };
  }

  /** How many of its milliseconds pass in a real one while it runs. */
  get rate(): number {
    return this.#rate;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  now(): number {
    const { atMs, realMs } = this.#anchor;
    return this.#isPaused || this.#isStepping ? atMs : atMs + (this.#real.now() - realMs) * this.#rate;
  }

  after(delayMs: number, task: () => void): Disposable {
    const timer = this.#timers.add(this.now() + Math.max(0, delayMs), task);
    this.#arm();
    return {
      [Symbol.dispose]: () => {
        timer.task = undefined;
        this.#arm();
      },
    };
  }

  pause(): void {
    this.#setAnchor(this.now());
    this.#isPaused = true;
    this.#arm();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#setAnchor(this.#anchor.atMs);
    this.#arm();
  }

  setRate(rate: number): void {
    this.#setAnchor(this.now());
    this.#rate = rate;
    this.#arm();
  }

  /** Goes through all moments of the next `byMs`: what is due at each happens, and settles, before the next one. */
  async step(byMs: number): Promise<void> {
    if (this.#isStepping) return;
    const until = this.now() + byMs;
    this.#setAnchor(this.now());
    this.#isStepping = true;
    try {
      for (let next = this.#timers.first; next && next.at <= until; next = this.#timers.first) {
        this.#setAnchor(Math.max(this.now(), next.at));
        this.#runDue(next.at);
        for (let turn = 0; turn < SETTLING_TURNS; turn++) {
          await nextTurn();
          await outsideWorkDone();
        }
      }
      this.#setAnchor(until);
    } finally {
      this.#isStepping = false;
      this.#setAnchor(this.#anchor.atMs);
      this.#arm();
    }
  }

  /** It is that time now: everything that was due before happens at once, as after a long sleep. Backwards too. */
  jump(toMs: number): void {
    this.#setAnchor(toMs);
    this.#arm();
  }

  /** Cancels the one timer it has on the computer's clock; for tests and the end of a cluster. */
  [Symbol.dispose](): void {
    this.#isPaused = true;
    this.#arm();
  }

  #setAnchor(atMs: number): void {
    this.#anchor = { atMs, realMs: this.#real.now() };
    this.#disarm();
  }

  /** Keeps one alarm on the real clock, for the earliest timer. */
  #arm(): void {
    const { first } = this.#timers;
    if (!first || this.#isPaused || this.#isStepping) {
      this.#disarm();
      return;
    }
    // Most timers are cancelled long before they are due: an alarm that is too early costs less than many.
    if (this.#alarm && this.#alarm.at <= first.at) return;
    this.#disarm();
    const waitMs = Math.max(0, (first.at - this.now()) / this.#rate);
    const timer = this.#real.after(waitMs, () => this.#ring());
    this.#alarm = { at: first.at, timer };
  }

  #disarm(): void {
    this.#alarm?.timer[Symbol.dispose]();
    this.#alarm = undefined;
  }

  #ring(): void {
    this.#alarm = undefined;
    this.#runDue(this.now() + PRECISION_MS * Math.max(1, this.#rate));
    this.#arm();
  }

  #runDue(atMs: number): void {
    for (let due = this.#timers.takeDue(atMs); due; due = this.#timers.takeDue(atMs)) due.task?.();
  }
}
