/** The rules of amounts of resources: of containers, Pods, quotas, nodes (core validation's resource rules). */
import type { ResourceRequirements } from '#common/kube/types';
import { quantityNanos } from '#main/sandbox/machinery/quantity';
import {
  duplicateValue,
  eachInvalid,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  valueNotFound,
  type FieldError,
} from '../field-errors';
import { dnsLabel, qualifiedName } from '../names';
import { checkQuantity } from '../value-rules';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

const OBJECT_COUNTS = `
  pods resourcequotas services replicationcontrollers secrets configmaps persistentvolumeclaims
  services.nodeports services.loadbalancers
`;
const COMPUTE = `
  cpu memory ephemeral-storage requests.cpu requests.memory requests.ephemeral-storage
  limits.cpu limits.memory limits.ephemeral-storage
`;
const STANDARD = words(`${COMPUTE} ${OBJECT_COUNTS} storage requests.storage`);
const OF_QUOTAS = words(`${COMPUTE} ${OBJECT_COUNTS} requests.storage`);
const OF_CONTAINERS = words('cpu memory ephemeral-storage');
const COUNTED = words(OBJECT_COUNTS);
const OF_PODS = ['cpu', 'hugepages-', 'memory'];

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isQuotaHugePages = (name: string): boolean => isHugePages(name) || name.startsWith('requests.hugepages-');
export const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
export const allowsOvercommit = (name: string): boolean => isNative(name) && !isHugePages(name);
export const isQuotaResource = (name: string): boolean => OF_QUOTAS.has(name) || isQuotaHugePages(name);

function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0;
}

/** A standard name, or one of somebody's own. Answers whether it is. */
export function checkResourceName(name: string, path: string, into: FieldError[]): boolean {
  if (STANDARD.has(name)) return true;
  const problems = qualifiedName(name);
  eachInvalid(into, path, name, problems);
  if (problems.length > 0) return false;
  if (name.includes('/') || isQuotaHugePages(name)) return true;
  into.push(invalidValue(path, name, 'must be a standard resource type or fully qualified'));
  return false;
}

export function checkContainerResourceName(name: string, path: string, into: FieldError[]): void {
  if (OF_CONTAINERS.has(name)) return;
  checkResourceName(name, path, into);
  if (!name.includes('/')) {
    if (!isHugePages(name)) into.push(invalidValue(path, name, 'must be a standard resource for containers'));
  } else if (!isNative(name) && !isExtended(name))
    into.push(invalidValue(path, name, "doesn't follow extended resource name standard"));
}

function checkPodResourceName(name: string, path: string, into: FieldError[]): void {
  if (!checkResourceName(name, path, into)) return;
  if (name !== 'cpu' && name !== 'memory' && !isHugePages(name)) into.push(notSupported(path, name, OF_PODS));
}

export function checkQuotaResourceName(name: string, path: string, into: FieldError[]): void {
  checkResourceName(name, path, into);
  if (!name.includes('/') && !isQuotaResource(name))
    into.push(invalidValue(path, name, 'must be a standard resource for quota'));
}

/** Not negative, and whole where the resource is counted. */
export function checkAmount(name: string, amount: string, path: string, into: FieldError[]): void {
  checkQuantity(amount, path, into);
  if ((COUNTED.has(name) || isExtended(name)) && milliOf(amount) % 1000n !== 0n)
    into.push(invalidValue(path, amount, 'must be an integer'));
}

/** Thousandths, rounded up as the server reads them. */
export function milliOf(amount: string): bigint {
  const nanos = quantityNanos(amount);
  const rest = nanos % 1_000_000n;
  return nanos / 1_000_000n + (rest > 0n ? 1n : 0n);
}

export function checkContainerResources(
  resources: ResourceRequirements | undefined,
  path: string,
  claims: ReadonlySet<string>,
  into: FieldError[],
): void {
  if (resources) checkRequirements(resources, { path, claims, checkResource: checkContainerResourceName }, into);
}

export function checkPodLevelResources(
  resources: ResourceRequirements,
  path: string,
  claims: ReadonlySet<string>,
  into: FieldError[],
): void {
  checkRequirements(resources, { path, claims, checkResource: checkPodResourceName }, into);
}

interface Place {
  path: string;
  /** Names of the Pod's resource claims. */
  claims: ReadonlySet<string>;
  checkResource(name: string, path: string, into: FieldError[]): void;
}

function checkRequirements(
  { limits = {}, requests = {}, claims = [] }: ResourceRequirements,
  place: Place,
  into: FieldError[],
): void {
  const names = new Set<string>();
  for (const name of Object.keys(limits)) {
    names.add(name);
    checkOne(name, limits[name] ?? '', { ...place, path: `${place.path}.limits[${name}]` }, into);
  }
  for (const name of Object.keys(requests)) {
    names.add(name);
    const amount = requests[name] ?? '';
    const here = `${place.path}.requests[${name}]`;
    place.checkResource(name, here, into);
    checkAmount(name, amount, here, into);
    checkAgainstLimit({ name, amount, limit: limits[name] }, place.path, into);
    checkPages(name, amount, here, into);
  }
  if (!names.has('cpu') && !names.has('memory') && [...names].some(isHugePages))
    into.push(forbiddenField(place.path, 'HugePages require cpu or memory'));
  checkClaims(claims, `${place.path}.claims`, place.claims, into);
}

function checkOne(name: string, amount: string, place: Place, into: FieldError[]): void {
  place.checkResource(name, place.path, into);
  checkAmount(name, amount, place.path, into);
  checkPages(name, amount, place.path, into);
}

interface Request {
  name: string;
  amount: string;
  limit: string | undefined;
}

function checkAgainstLimit({ name, amount, limit }: Request, path: string, into: FieldError[]): void {
  if (limit === undefined) {
    if (!allowsOvercommit(name))
      into.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'));
    return;
  }
  if (limit === amount) return;
  const [asked, most] = [quantityNanos(amount), quantityNanos(limit)];
  if (asked !== most && !allowsOvercommit(name))
    into.push(invalidValue(`${path}.requests`, amount, `must be equal to ${name} limit of ${limit}`));
  else if (asked > most)
    into.push(invalidValue(`${path}.requests`, amount, `must be less than or equal to ${name} limit of ${limit}`));
}

function checkPages(name: string, amount: string, path: string, into: FieldError[]): void {
  if (!isHugePages(name)) return;
  if (quantityNanos(amount) % quantityNanos(name.slice('hugepages-'.length)) !== 0n)
    into.push(invalidValue(path, amount, `${amount} is not positive integer multiple of ${name}`));
}

function checkClaims(
  claims: readonly { name: string; request?: string }[],
  path: string,
  known: ReadonlySet<string>,
  into: FieldError[],
): void {
  const names = new Set<string>();
  for (const [at, { name, request }] of claims.entries()) {
    const here = `${path}[${at}]`;
    if (!name) {
      into.push(required(here));
      continue;
    }
    const key = request ? `${name}/${request}` : name;
    if (names.has(name)) into.push(duplicateValue(here, name));
    else {
      if (request) eachInvalid(into, `${here}.request`, request, dnsLabel(request));
      if (names.has(key)) into.push(duplicateValue(here, key));
      else if (!request && [...names].some((one) => one.startsWith(`${name}/`))) into.push(duplicateValue(here, name));
      names.add(key);
    }
    if (!known.has(name)) into.push(valueNotFound(here, name, unknownClaim(known)));
  }
}

function unknownClaim(known: ReadonlySet<string>): string {
  const start = 'must be one of the names in pod.spec.resourceClaims';
  return known.size === 0 ? `${start} which is empty` : `${start}: ${[...known].sort().join(', ')}`;
}
