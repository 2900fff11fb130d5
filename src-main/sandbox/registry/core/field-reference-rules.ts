/** References from a Pod to its own fields and amounts, in environments and volumes. */
import type { ObjectFieldSelector, ResourceFieldSelector } from '#common/kube/types';
import { quantityNanos } from '#main/sandbox/machinery/quantity';
import { eachInvalid, invalidValue, notSupported, required, type FieldError } from '../field-errors';
import { qualifiedName } from '../names';

export const ENVIRONMENT_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
export const VOLUME_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
const KNOWN_FIELDS = new Set([
  ...ENVIRONMENT_FIELDS,
  ...VOLUME_FIELDS,
  'spec.host',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);
const RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const subscripted = /^(.*)\['(.*)'\]$/;

export function checkFieldReference(
  { apiVersion, fieldPath }: ObjectFieldSelector,
  fields: readonly string[],
  path: string,
  into: FieldError[],
): void {
  if (!apiVersion) into.push(required(`${path}.apiVersion`));
  else if (!fieldPath) into.push(required(`${path}.fieldPath`));
  else {
    const [, base = fieldPath, key] = subscripted.exec(fieldPath) ?? [];
    const problem = readingProblem(apiVersion, fieldPath, base, key);
    if (problem) into.push(invalidValue(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${problem}`));
    else if (key !== undefined) checkSubscript(base, key, path, into);
    else if (!fields.includes(base)) into.push(notSupported(`${path}.fieldPath`, base, fields));
  }
}

function readingProblem(version: string, whole: string, base: string, key: string | undefined): string | undefined {
  if (version !== 'v1') return `unsupported pod version: ${version}`;
  if (key !== undefined) {
    const isMap = base === 'metadata.annotations' || base === 'metadata.labels';
    return isMap ? undefined : `field label does not support subscript: ${whole}`;
  }
  return KNOWN_FIELDS.has(base) ? undefined : `field label not supported: ${whole}`;
}

function checkSubscript(base: string, key: string, path: string, into: FieldError[]): void {
  const name = base === 'metadata.annotations' ? key.toLowerCase() : key;
  eachInvalid(into, path, name, qualifiedName(name));
}

export function checkResourceReference(
  { containerName, resource, divisor }: ResourceFieldSelector,
  needsContainer: boolean,
  path: string,
  into: FieldError[],
): void {
  if (needsContainer && !containerName) into.push(required(`${path}.containerName`));
  else if (!resource) into.push(required(`${path}.resource`));
  else if (!RESOURCES.includes(resource) && !isPages(resource))
    into.push(notSupported(`${path}.resource`, resource, RESOURCES));
  if (divisor !== undefined && quantityNanos(divisor) !== 0n) checkDivisor(resource, divisor, path, into);
}

const isPages = (resource: string): boolean => /^(?:limits|requests)\.hugepages-/.test(resource);

const CPU_DIVISORS = new Set(['1m', '1']);
const BYTE_DIVISORS = new Set('1 1k 1M 1G 1T 1P 1E 1Ki 1Mi 1Gi 1Ti 1Pi 1Ei'.split(' '));

function checkDivisor(resource: string, divisor: string, path: string, into: FieldError[]): void {
  const refuse = (known: ReadonlySet<string>, detail: string): void => {
    if (!known.has(divisor)) into.push(invalidValue(`${path}.divisor`, resource, detail));
  };
  const bytes = (what: string) =>
    refuse(
      BYTE_DIVISORS,
      `only divisor's values ${[...BYTE_DIVISORS].join(', ')} are supported with the ${what} resource`,
    );
  const name = resource.slice(resource.indexOf('.') + 1);
  if (name === 'cpu') refuse(CPU_DIVISORS, "only divisor's values 1m and 1 are supported with the cpu resource");
  else if (name === 'memory') bytes('memory');
  else if (name === 'ephemeral-storage') bytes('local ephemeral storage');
  else if (isPages(resource)) bytes('hugepages');
}
