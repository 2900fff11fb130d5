/** So much that the node looks whether there is enough for all. */
const MUCH_BYTES = 256 * 2 ** 20;

export interface MemoryMeterOptions {
  onOutOfMemory: () => void;
  onMuch: () => void;
}

/** Memory that the processes of one container hold beside what their program always does, and the limit over it. */
export class MemoryMeter {
  readonly #options: MemoryMeterOptions;
  #limit: number;
  #held = 0;
  #base = 0;

  /** `limit` in bytes; Infinity without one. */
  constructor(limit: number, options: MemoryMeterOptions) {
    this.#limit = limit;
    this.#options = options;
  }

  /** Bytes that were asked for beside the base. */
  get held(): number {
    return this.#held;
  }

  /** Bytes in use. */
  get used(): number {
    return this.#base + this.#held;
  }

  get limit(): number {
    return this.#limit;
  }

  /** A limit below what is in use is refused by the kernel's group: the container is killed. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#check();
  }

  /** The working set of a program that is nothing but there, until the answer is disposed. */
  reserve(bytes: number): Disposable {
    this.#base += bytes;
    this.#check();
    return { [Symbol.dispose]: () => void (this.#base -= bytes) };
  }

  /** Takes memory until the answer is disposed; too much kills the container. */
  hold(bytes: number): Disposable {
    this.#held += bytes;
    this.#check();
    if (this.#held >= MUCH_BYTES) this.#options.onMuch();
    return { [Symbol.dispose]: () => void (this.#held -= bytes) };
  }

  /** Somebody has asked for more than there is, whatever the limit says: no machine has that much. */
  exceed(): void {
    this.#options.onOutOfMemory();
  }

  #check(): void {
    if (this.#base + this.#held > this.#limit) this.#options.onOutOfMemory();
  }
}

/** Part of an idle working set that the kernel cannot take back. */
const NEEDED = 0.8;
/** What a Java machine uses beside its heap. */
const BESIDE_HEAP_MI = 200;

/** Bytes a program cannot do without: what its profile says, or what its heap is set to. */
export function neededBytes(memoryMi: number, env: Readonly<Record<string, string>>, limit: number): number {
  const heapMi = heapOf(env);
  if (heapMi !== undefined) return Math.min(heapMi * 0.5 + BESIDE_HEAP_MI, memoryMi * NEEDED) * 2 ** 20;
  return Math.min(memoryMi * NEEDED * 2 ** 20, sizedByLimit(memoryMi, limit));
}

/** Machines that fit their heap to the limit are content with half of what they would take, and no less. */
function sizedByLimit(memoryMi: number, limit: number): number {
  return memoryMi < 300 ? Infinity : Math.max(limit * 0.75, memoryMi * 0.25 * 2 ** 20);
}

/** `-Xmx512m` of whichever variable holds the options of a Java machine. */
function heapOf(env: Readonly<Record<string, string>>): number | undefined {
  for (const [name, value] of Object.entries(env)) {
    if (!/JAVA|JVM|HEAP|CATALINA/.test(name)) continue;
    const match = /-Xmx(\d+)([kKmMgG])/.exec(value);
    if (match) return Number(match[1]) * ({ k: 1 / 1024, m: 1, g: 1024 }[match[2]?.toLowerCase() ?? 'm'] ?? 1);
  }
  return undefined;
}
