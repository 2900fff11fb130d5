const multipliers: Readonly<Record<string, number>> = {
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

/** A Kubernetes quantity as a number of cores or bytes, close enough to compare and to draw; null for what is none. */
export function amountOf(quantity: string | number | undefined): number | null {
  const match = /^([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(String(quantity ?? ''));
  const multiplier = match && multipliers[match[2] ?? ''];
  return match && multiplier !== undefined && multiplier !== null ? Number(match[1]) * multiplier : null;
}

/** `15.6Gi`: three digits and the suffix a person would choose. */
export function shortBytes(bytes: number): string {
  const suffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];
  let index = 0;
  let value = bytes;
  while (value >= 1000 && index < suffixes.length - 1) {
    value /= 1024;
    index++;
  }
  return `${Number(value.toPrecision(3))}${suffixes[index]}`;
}
