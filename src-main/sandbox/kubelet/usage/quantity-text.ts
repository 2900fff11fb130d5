/** Quantities as resource.Quantity writes them: the largest suffix that leaves a whole number. */

const DECIMAL = ['n', 'u', 'm', ''] as const;
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti'] as const;

/** Cores from whole nanocores: `1234567n`, `250m`, `2`. */
export function coresText(nanocores: number): string {
  return shortened(nanocores, DECIMAL, 1000);
}

/** `12345Ki`. */
export function bytesText(bytes: number): string {
  return shortened(bytes, BINARY, 1024);
}

function shortened(value: number, suffixes: readonly string[], step: number): string {
  if (value === 0) return '0';
  let at = 0;
  let rest = value;
  while (rest % step === 0 && at < suffixes.length - 1) {
    rest /= step;
    at++;
  }
  return `${rest}${suffixes[at] ?? ''}`;
}
