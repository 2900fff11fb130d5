/** The network of the nodes themselves, as a container runtime on one host hands it out. */
const NODE_NETWORK = 172 * 2 ** 24 + 18 * 2 ** 16;
const POD_NETWORK = 10 * 2 ** 24 + 244 * 2 ** 16;

/** Dotted decimal of a 32-bit address. */
export function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** The InternalIP of the node of this number (from 1): 172.18.0.2 and on. */
export function nodeAddress(number: number): string {
  return dotted(NODE_NETWORK + number + 1);
}

/** The range of Pod addresses of the node of this number (from 1): 10.244.0.0/24 and on, into 10.245 and further. */
export function podCidr(number: number): string {
  return `${dotted(POD_NETWORK + (number - 1) * 256)}/24`;
}

/** Hands out the addresses of one node's range, each to one Pod at a time. */
export class PodAddresses {
  readonly #first: number;
  readonly #used = new Set<number>();
  #next = 2;

  constructor(cidr: string) {
    const [address = ''] = cidr.split('/');
    this.#first = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  }

  /** The next free address; nothing when the range is full. */
  take(): string | undefined {
    for (let tried = 0; tried < 253; tried++) {
      const offset = this.#next;
      this.#next = offset >= 254 ? 2 : offset + 1;
      if (this.#used.has(offset)) continue;
      this.#used.add(offset);
      return dotted(this.#first + offset);
    }
    return undefined;
  }

  /** Marks an address that a Pod already has. */
  claim(address: string): void {
    this.#used.add(this.#offsetOf(address));
  }

  release(address: string): void {
    this.#used.delete(this.#offsetOf(address));
  }

  #offsetOf(address: string): number {
    return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) - this.#first;
  }
}
