/** Suffixes of resource.Quantity and what they multiply by. */
const FACTORS: Readonly<Record<string, number>> = {
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
const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/;

/** A Kubernetes quantity as cores, bytes or a count: a double is exact enough to compare and to draw. NaN when it is none. */
export function quantityNumber(quantity: string | number | undefined): number {
  if (typeof quantity === 'number') return quantity;
  const match = QUANTITY.exec((quantity ?? '').trim());
  if (!match) return Number.NaN;
  const [, digits, suffix = ''] = match;
  const factor = FACTORS[suffix];
  return factor === undefined ? Number(`${digits}${suffix}`) : Number(digits) * factor;
}
