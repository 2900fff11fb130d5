import type { Taint, Toleration } from './types';

/** Whether one of the tolerations accepts the taint. */
export function tolerates(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return (tolerations ?? []).some((toleration) => accepts(toleration, taint));
}

/** A toleration without a key accepts every key, one without an effect every effect. */
function accepts({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  switch (operator) {
    case '':
    case 'Equal':
      return !!key && value === (taint.value ?? '');
    case 'Exists':
      return true;
    case 'Lt':
      return isLess(taint.value, value);
    case 'Gt':
      return isLess(value, taint.value);
    default:
      return false;
  }
}

/** Numeric comparison of taint and toleration values; text that is no whole number never compares. */
function isLess(left: string | undefined, right: string | undefined): boolean {
  const whole = /^-?\d+$/;
  return whole.test(left ?? '') && whole.test(right ?? '') && BigInt(left ?? 0) < BigInt(right ?? 0);
}
