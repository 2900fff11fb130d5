import { quantityNumber } from '#common/kube/quantity';

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes with three digits that matter: `15.6 GiB`, `84 MiB`, `512 B`. */
export function bytesText(bytes: number): string {
  if (!Number.isFinite(bytes)) return '–';
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${round(value)} ${BYTE_UNITS[unit]}`;
}

/** How a resource amount is said: memory and storage in bytes, everything else as a bare number. */
export function amountText(resource: string, quantity: string | number): string {
  const number = quantityNumber(quantity);
  if (Number.isNaN(number)) return String(quantity);
  if (/memory|storage|hugepages/.test(resource)) return bytesText(number);
  return String(round(number));
}

function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
