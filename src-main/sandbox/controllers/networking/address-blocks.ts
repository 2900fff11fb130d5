/** Blocks of IPv4 addresses. Pure. */

export interface AddressBlock {
  first: number;
  last: number;
}

/** undefined for what is no block: `10.96.0.0/16` is one. */
export function blockOf(cidr: string): AddressBlock | undefined {
  const [address = '', bits = ''] = cidr.split('/');
  const first = addressNumber(address);
  const length = Number(bits);
  if (first === undefined || !(length >= 0 && length <= 32)) return undefined;
  return { first, last: first + 2 ** (32 - length) - 1 };
}

/** undefined for what is no IPv4 address. */
export function addressNumber(address: string): number | undefined {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  return parts.reduce((value, part) => value * 256 + part, 0);
}

export const contains = (block: AddressBlock, { first, last }: AddressBlock): boolean =>
  block.first <= first && last <= block.last;
