/** Hands out cluster IPs and node ports. What is taken is counted from the stored Services, never written down twice. */
import { randomInt, type Random } from '#common/base/random';
import type { ServiceRange } from './service-range';

export const NODE_PORTS = { from: 30_000, to: 32_767 } as const;
/** Ports below are for Services that ask for a certain one. */
const RESERVED_PORTS = 86;

/** One set of numbers of which each is held at most once. */
class Pool {
  readonly #taken = new Set<number>();
  readonly #from: number;
  readonly #to: number;

  constructor(from: number, to: number) {
    this.#from = from;
    this.#to = to;
  }

  has(value: number): boolean {
    return this.#taken.has(value);
  }

  take(value: number): boolean {
    if (this.#taken.has(value)) return false;
    this.#taken.add(value);
    return true;
  }

  release(value: number): void {
    this.#taken.delete(value);
  }

  /** A free number, the same for the same seed; undefined when all are held. */
  draw(random: Random): number | undefined {
    const size = this.#to - this.#from + 1;
    const start = randomInt(random, size);
    for (let step = 0; step < size; step++) {
      const value = this.#from + ((start + step) % size);
      if (!this.#taken.has(value)) return value;
    }
    return undefined;
  }
}

export class ServiceAddresses {
  readonly range: ServiceRange;
  readonly #ips: Pool;
  readonly #ports = new Pool(NODE_PORTS.from + RESERVED_PORTS, NODE_PORTS.to);

  constructor(range: ServiceRange) {
    this.range = range;
    this.#ips = new Pool(range.reserved, range.last);
  }

  drawIp(random: Random): string | undefined {
    const offset = this.#ips.draw(random);
    return offset === undefined ? undefined : this.range.addressAt(offset);
  }

  drawPort(random: Random): number | undefined {
    return this.#ports.draw(random);
  }

  isIpTaken(address: string): boolean {
    const offset = this.range.offsetOf(address);
    return offset !== undefined && this.#ips.has(offset);
  }

  isPortTaken(port: number): boolean {
    return this.#ports.has(port);
  }

  hold(addresses: readonly string[], ports: readonly number[]): void {
    for (const address of addresses) {
      const offset = this.range.offsetOf(address);
      if (offset !== undefined) this.#ips.take(offset);
    }
    for (const port of ports) this.#ports.take(port);
  }

  release(addresses: readonly string[], ports: readonly number[]): void {
    for (const address of addresses) {
      const offset = this.range.offsetOf(address);
      if (offset !== undefined) this.#ips.release(offset);
    }
    for (const port of ports) this.#ports.release(port);
  }
}
