/** A Kubernetes quantity in nano units, with the family of suffixes it is written in (apimachinery resource.Quantity). */
export interface Quantity {
  nano: bigint;
  binary: boolean;
}

const NANO = 1_000_000_000n;
const decimal: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1000n,
  m: 1_000_000n,
  '': NANO,
  k: NANO * 1000n,
  M: NANO * 1000n ** 2n,
  G: NANO * 1000n ** 3n,
  T: NANO * 1000n ** 4n,
  P: NANO * 1000n ** 5n,
  E: NANO * 1000n ** 6n,
};
const binary: Readonly<Record<string, bigint>> = {
  Ki: NANO * 1024n,
  Mi: NANO * 1024n ** 2n,
  Gi: NANO * 1024n ** 3n,
  Ti: NANO * 1024n ** 4n,
  Pi: NANO * 1024n ** 5n,
  Ei: NANO * 1024n ** 6n,
};

export const zero: Quantity = { nano: 0n, binary: false };

/** What cannot be read counts as zero: the server has checked it long before. */
export function parseQuantity(text: string | number | undefined): Quantity {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?$/.exec(String(text ?? ''));
  if (!match) return zero;
  const [, sign, whole = '', fraction = '', suffix = '', exponent] = match;
  const digits = BigInt(`${whole}${fraction}` || '0');
  const unit = binary[suffix] ?? decimal[suffix] ?? NANO;
  const power = Number(exponent ?? 0) - fraction.length;
  const scaled = power < 0 ? (digits * unit) / 10n ** BigInt(-power) : digits * unit * 10n ** BigInt(power);
  return { nano: sign === '-' ? -scaled : scaled, binary: suffix in binary };
}

/** Written as the first that is not zero. */
export function add(left: Quantity, right: Quantity): Quantity {
  return { nano: left.nano + right.nano, binary: left.nano === 0n ? right.binary : left.binary };
}

export function larger(left: Quantity, right: Quantity): Quantity {
  return right.nano > left.nano ? right : left;
}

/** The canonical form: the largest suffix that leaves a whole number; small binary quantities are written in decimal. */
export function formatQuantity({ nano, binary: isBinary }: Quantity): string {
  if (nano === 0n) return '0';
  const units = isBinary && (nano < 0n ? -nano : nano) >= 1024n * NANO ? { '': NANO, ...binary } : decimal;
  let text = `${nano / NANO}`;
  let best = 0n;
  for (const [suffix, unit] of Object.entries(units)) {
    if (nano % unit !== 0n || unit <= best) continue;
    best = unit;
    text = `${nano / unit}${suffix}`;
  }
  return text;
}

/** Whole percents of `whole`, cut off as Go does; of nothing it is what Go makes of a division by zero. */
export function percentOf(part: Quantity, whole: Quantity): number {
  if (whole.nano === 0n) return 0;
  return Math.trunc((Number(part.nano) / Number(whole.nano)) * 100);
}
