/** Hands out cluster IPs and node ports. What is taken is counted from the stored Services, never written down twice. */
import { randomInt, type Random } from '#common/base/random';

/** 10.96.0.0/16; .0.1 is the API server's own Service, .0.10 the cluster's DNS. */
const FIRST_ADDRESS = (10 << 24) | (96 << 16);
const ADDRESSES = 65_536;
export const SERVICE_RANGE = '10.96.0.0/16';
/** Addresses below are for Services that ask for a certain one. */
const RESERVED = 256;

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
  readonly #ips = new Pool(RESERVED, ADDRESSES - 2);
  readonly #ports = new Pool(NODE_PORTS.from + RESERVED_PORTS, NODE_PORTS.to);

  drawIp(random: Random): string | undefined {
    const offset = this.#ips.draw(random);
    return offset === undefined ? undefined : addressAt(offset);
  }

  drawPort(random: Random): number | undefined {
    return this.#ports.draw(random);
  }

  isIpTaken(address: string): boolean {
    const offset = offsetOf(address);
    return offset !== undefined && this.#ips.has(offset);
  }

  isPortTaken(port: number): boolean {
    return this.#ports.has(port);
  }

  hold(addresses: readonly string[], ports: readonly number[]): void {
    for (const address of addresses) {
      const offset = offsetOf(address);
      if (offset !== undefined) this.#ips.take(offset);
    }
    for (const port of ports) this.#ports.take(port);
  }

  release(addresses: readonly string[], ports: readonly number[]): void {
    for (const address of addresses) {
      const offset = offsetOf(address);
      if (offset !== undefined) this.#ips.release(offset);
    }
    for (const port of ports) this.#ports.release(port);
  }
}

function addressAt(offset: number): string {
  const value = FIRST_ADDRESS + offset;
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
}

/** The place of an address in the range; undefined outside of it. */
export function offsetOf(address: string): number | undefined {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = parts;
  return a === 10 && b === 96 ? c * 256 + d : undefined;
}
