/** The block of addresses that Services get theirs from. */
export class ServiceRange {
  /** `10.96.0.0/16` */
  readonly text: string;
  readonly #first: number;
  readonly #size: number;

  constructor(text: string) {
    const [address = '', bits = '32'] = text.split('/');
    this.text = text;
    this.#first = numberOf(address);
    this.#size = 2 ** (32 - Number(bits));
  }

  /** The last place that is an address: the one behind it is for broadcasts. */
  get last(): number {
    return this.#size - 2;
  }

  /** Places below are for Services that ask for a certain one. */
  get reserved(): number {
    return Math.min(Math.max(LEAST_RESERVED, Math.floor(this.#size / LEAST_RESERVED)), MOST_RESERVED);
  }

  addressAt(offset: number): string {
    const value = this.#first + offset;
    return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
  }

  /** The place of an address in the range; undefined outside of it. */
  offsetOf(address: string): number | undefined {
    const offset = numberOf(address) - this.#first;
    return offset >= 0 && offset < this.#size ? offset : undefined;
  }
}

/** After KEP-3070: a sixteenth of the range, within these bounds. */
const LEAST_RESERVED = 16;
const MOST_RESERVED = 256;

/** .0.1 is the API server's own Service, .0.10 the cluster's DNS. */
export const DEFAULT_SERVICE_RANGE = new ServiceRange('10.96.0.0/16');

/** NaN for what is no IPv4 address. */
function numberOf(address: string): number {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return Number.NaN;
  return parts.reduce((value, part) => value * 256 + part, 0);
}
