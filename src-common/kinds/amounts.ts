import { quantityNumber } from '../kube/quantity';

/** A Kubernetes quantity as a number of cores or bytes, close enough to compare and to draw; null for what is none. */
export function amountOf(quantity: string | number | undefined): number | null {
  const amount = quantityNumber(quantity);
  return Number.isNaN(amount) ? null : amount;
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
