/** Suffixes of resource.Quantity and what they multiply by. */
const FACTORS: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A Kubernetes quantity as a plain number, for bars and words only (a double is exact enough there); NaN when it is none. */
export function quantityNumber(quantity: string | number | undefined): number {
  if (typeof quantity === 'number') return quantity;
  const match = /^([+-]?\d*\.?\d+|[+-]?\d+\.)(e[+-]?\d+|E[+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/.exec(
    (quantity ?? '').trim(),
  );
  if (!match?.[1]) return Number.NaN;
  const suffix = match[2] ?? '';
  if (/^e|^E[+-]?\d/.test(suffix)) return Number(`${match[1]}${suffix.toLowerCase()}`);
  return Number(match[1]) * (FACTORS[suffix] ?? Number.NaN);
}

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
