/** Semantic versions in CEL: `semver("1.2.3").isLessThan(semver(object.spec.version))`. */
import type { Environment } from '@marcbachmann/cel-js';

const TYPE = 'kubernetes.Semver';
const form =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*))?(?:\+[\da-zA-Z-]+(?:\.[\da-zA-Z-]+)*)?$/;

class Semver {
  readonly numbers: readonly bigint[];
  /** What stands behind the dash: a release has nothing there. */
  readonly preRelease: readonly string[];

  constructor(text: string) {
    const [, major, minor, patch, rest] = form.exec(text) ?? [];
    if (major === undefined || minor === undefined || patch === undefined)
      throw new Error(`${text} is no semantic version`);
    this.numbers = [major, minor, patch].map(BigInt);
    this.preRelease = rest?.split('.') ?? [];
  }
}

export function addVersionFunctions(environment: Environment): void {
  environment
    .registerType(TYPE, { ctor: Semver, fields: {} })
    .registerFunction(`semver(string): ${TYPE}`, (text: string) => new Semver(text))
    .registerFunction(
      `semver(string, bool): ${TYPE}`,
      (text: string, tolerant: boolean) => new Semver(tolerant ? tolerated(text) : text),
    )
    .registerFunction('isSemver(string): bool', (text: string) => form.test(text))
    .registerFunction('isSemver(string, bool): bool', (text: string, tolerant: boolean) =>
      form.test(tolerant ? tolerated(text) : text),
    )
    .registerFunction(`${TYPE}.isGreaterThan(${TYPE}): bool`, (a: Semver, b: Semver) => compared(a, b) > 0)
    .registerFunction(`${TYPE}.isLessThan(${TYPE}): bool`, (a: Semver, b: Semver) => compared(a, b) < 0)
    .registerFunction(`${TYPE}.compareTo(${TYPE}): int`, (a: Semver, b: Semver) => BigInt(compared(a, b)));
  for (const [at, name] of ['major', 'minor', 'patch'].entries())
    environment.registerFunction(`${TYPE}.${name}(): int`, ({ numbers }: Semver) => numbers[at] ?? 0n);
}

/** Without a `v`, with the numbers that are missing, and without zeros in front. */
function tolerated(text: string): string {
  const [, numbers = '', rest = ''] = /^v?([\d.]*)(.*)$/s.exec(text) ?? [];
  const parts = numbers.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  if (rest && parts.length < 3) return text;
  while (parts.length < 3) parts.push('0');
  return parts.join('.') + rest;
}

/** Below, equal or above 0, as semver.org orders versions. */
function compared(a: Semver, b: Semver): number {
  for (const [at, number] of a.numbers.entries()) {
    const other = b.numbers[at] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (a.preRelease.length * b.preRelease.length === 0) return Math.sign(b.preRelease.length - a.preRelease.length);
  for (const [at, part] of a.preRelease.entries()) {
    const other = b.preRelease[at];
    if (other === undefined) return 1;
    const order = comparedParts(part, other);
    if (order !== 0) return order;
  }
  return a.preRelease.length < b.preRelease.length ? -1 : 0;
}

/** Numbers come before words. */
function comparedParts(a: string, b: string): number {
  if (a === b) return 0;
  const [isNumber, otherIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber !== otherIsNumber) return isNumber ? -1 : 1;
  if (isNumber) return BigInt(a) < BigInt(b) ? -1 : 1;
  return a < b ? -1 : 1;
}
