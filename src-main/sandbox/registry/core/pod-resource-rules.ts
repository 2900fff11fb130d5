/** The rules of amounts that a Pod has as a whole. */
import type { Container, PodSpec } from '#common/kube/types';
import { addQuantities, quantityNanos } from '#main/sandbox/machinery/quantity';
import { forbiddenField, invalidValue, type FieldError } from '../field-errors';
import { checkPodLevelResources } from './resource-rules';

export function checkPodAmounts(spec: PodSpec, path: string, claims: ReadonlySet<string>, into: FieldError[]): void {
  const { resources, os } = spec;
  const here = `${path}.resources`;
  if (!resources) return;
  if (os?.name === 'windows') {
    into.push(forbiddenField(here, 'may not be set for a windows pod'));
    return;
  }
  if (resources.claims) into.push(forbiddenField(`${here}.claims`, 'claims may not be set for Resources at pod-level'));
  checkPodLevelResources(resources, here, claims, into);
  checkConsistency(spec, here, into);
}

function checkConsistency({ resources, containers }: PodSpec, path: string, into: FieldError[]): void {
  const { requests = {}, limits = {} } = resources ?? {};
  for (const name of Object.keys(requests)) {
    const sum = sumOf(containers, name);
    const whole = requests[name] ?? '0';
    if (sum !== undefined && quantityNanos(sum) > quantityNanos(whole))
      into.push(
        invalidValue(
          `${path}.requests[${name}]`,
          whole,
          `must be greater than or equal to aggregate container requests of ${sum}`,
        ),
      );
  }
  for (const [at, container] of containers.entries())
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const whole = limits[name];
      if (whole !== undefined && quantityNanos(limit) > quantityNanos(whole))
        into.push(
          invalidValue(
            `${path}.containers[${at}][${name}].limits`,
            limit,
            `must be less than or equal to pod limits of ${whole}`,
          ),
        );
    }
}

function sumOf(containers: readonly Container[], name: string): string | undefined {
  const amounts = containers.flatMap(({ resources }) => resources?.requests?.[name] ?? []);
  return amounts.length === 0 ? undefined : amounts.reduce(addQuantities);
}
