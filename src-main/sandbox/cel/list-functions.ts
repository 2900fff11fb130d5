/** Functions on lists: those of Kubernetes, and CEL's sets. */
import type { Environment } from '@marcbachmann/cel-js';
import { sameValue } from '#main/sandbox/machinery/same-value';

type Ordered = bigint | number | string;

export function addListFunctions(environment: Environment): void {
  environment
    .registerFunction('list.sum(): dyn', (list: (bigint | number)[]) => sum(list))
    .registerFunction('list.min(): dyn', (list: Ordered[]) => extreme(list, (a, b) => a < b, 'min'))
    .registerFunction('list.max(): dyn', (list: Ordered[]) => extreme(list, (a, b) => a > b, 'max'))
    .registerFunction('list.isSorted(): bool', (list: Ordered[]) =>
      list.every((one, at) => at === 0 || (list[at - 1] as Ordered) <= one),
    )
    .registerFunction('list.indexOf(dyn): int', (list: unknown[], wanted: unknown) =>
      BigInt(list.findIndex((one) => sameValue(one, wanted))),
    )
    .registerFunction('list.lastIndexOf(dyn): int', (list: unknown[], wanted: unknown) =>
      BigInt(list.findLastIndex((one) => sameValue(one, wanted))),
    );
  environment
    .registerType('k8s.Sets', { ctor: Sets, fields: {} })
    .registerConstant('sets', 'k8s.Sets', new Sets())
    .registerFunction('k8s.Sets.contains(list, list): bool', (_sets: Sets, list: unknown[], part: unknown[]) =>
      holds(list, part),
    )
    .registerFunction(
      'k8s.Sets.equivalent(list, list): bool',
      (_sets: Sets, a: unknown[], b: unknown[]) => holds(a, b) && holds(b, a),
    )
    .registerFunction('k8s.Sets.intersects(list, list): bool', (_sets: Sets, a: unknown[], b: unknown[]) =>
      b.some((one) => holds(a, [one])),
    );
}

/** What `sets.` is in expressions. */
class Sets {
  readonly name = 'sets';
}

const holds = (list: readonly unknown[], part: readonly unknown[]): boolean =>
  part.every((wanted) => list.some((one) => sameValue(one, wanted)));

function sum(list: readonly (bigint | number)[]): bigint | number {
  if (list.every((one) => typeof one === 'bigint')) return list.reduce((total, one) => total + one, 0n);
  return list.reduce<number>((total, one) => total + Number(one), 0);
}

function extreme(list: readonly Ordered[], isBetter: (one: Ordered, best: Ordered) => boolean, name: string): Ordered {
  const [first, ...rest] = list;
  if (first === undefined) throw new Error(`${name} called on empty list`);
  return rest.reduce((best, one) => (isBetter(one, best) ? one : best), first);
}
