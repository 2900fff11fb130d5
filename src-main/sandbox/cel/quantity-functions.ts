/** Quantities in CEL: `quantity("1Gi").isGreaterThan(quantity(self.memory))`. */
import type { Environment } from '@marcbachmann/cel-js';
import { addQuantities, canonicalQuantity, quantityNanos } from '#main/sandbox/machinery/quantity';

const NANOS = 1_000_000_000n;

class Quantity {
  readonly text: string;
  readonly nanos: bigint;

  constructor(text: string) {
    this.text = canonicalQuantity(text);
    this.nanos = quantityNanos(this.text);
  }
}

function fromNanos(nanos: bigint): Quantity {
  return new Quantity(nanos % NANOS === 0n ? String(nanos / NANOS) : `${nanos}n`);
}

export function addQuantityFunctions(environment: Environment): void {
  environment
    .registerType('kubernetes.Quantity', { ctor: Quantity, fields: {} })
    .registerFunction('quantity(string): kubernetes.Quantity', (text: string) => new Quantity(text))
    .registerFunction('isQuantity(string): bool', isQuantity)
    .registerFunction('kubernetes.Quantity.sign(): int', ({ nanos }: Quantity) =>
      BigInt(Number(nanos > 0n) - Number(nanos < 0n)),
    )
    .registerFunction('kubernetes.Quantity.isInteger(): bool', ({ nanos }: Quantity) => nanos % NANOS === 0n)
    .registerFunction('kubernetes.Quantity.asInteger(): int', ({ nanos }: Quantity) => nanos / NANOS)
    .registerFunction('kubernetes.Quantity.asApproximateFloat(): double', ({ nanos }: Quantity) => Number(nanos) / 1e9);
  addComparisons(environment);
}

function addComparisons(environment: Environment): void {
  const other = 'kubernetes.Quantity.';
  environment
    .registerFunction(
      `${other}isGreaterThan(kubernetes.Quantity): bool`,
      (a: Quantity, b: Quantity) => a.nanos > b.nanos,
    )
    .registerFunction(`${other}isLessThan(kubernetes.Quantity): bool`, (a: Quantity, b: Quantity) => a.nanos < b.nanos)
    .registerFunction(`${other}compareTo(kubernetes.Quantity): int`, (a: Quantity, b: Quantity) =>
      BigInt(Number(a.nanos > b.nanos) - Number(a.nanos < b.nanos)),
    )
    .registerFunction(
      `${other}add(kubernetes.Quantity): kubernetes.Quantity`,
      (a: Quantity, b: Quantity) => new Quantity(addQuantities(a.text, b.text)),
    )
    .registerFunction(`${other}sub(kubernetes.Quantity): kubernetes.Quantity`, (a: Quantity, b: Quantity) =>
      fromNanos(a.nanos - b.nanos),
    )
    .registerFunction(`${other}add(int): kubernetes.Quantity`, (a: Quantity, b: bigint) =>
      fromNanos(a.nanos + b * NANOS),
    )
    .registerFunction(`${other}sub(int): kubernetes.Quantity`, (a: Quantity, b: bigint) =>
      fromNanos(a.nanos - b * NANOS),
    );
}

function isQuantity(text: string): boolean {
  try {
    canonicalQuantity(text);
    return true;
  } catch {
    return false;
  }
}
