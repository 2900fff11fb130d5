import { Endpoints as EndpointsResource } from '#common/kube/resources';
import type { EndpointAddress, Endpoints, EndpointPort, EndpointSubset } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { eachInvalid, required, type FieldError } from '../field-errors';
import { checkEndpointIp, checkIp, ipWarnings } from '../ip-rules';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsLabel, dnsSubdomain, qualifiedName } from '../names';
import { defineStrategy } from '../strategy';
import { checkName, checkPort, checkWord } from '../value-rules';
import { PROTOCOLS } from './container-rules';

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const CONTROLLER = 'endpoint-controller';

export const endpointsStrategy = defineStrategy<Endpoints>({
  resource: EndpointsResource,
  checks: {
    create: (endpoints, into) => checkEndpoints(endpoints, undefined, into),
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkEndpoints(next, current, into);
    },
  },
  warnings({ metadata, subsets = [] }) {
    if (metadata.labels?.[MANAGED_BY] === CONTROLLER) return [];
    return subsets.flatMap(({ addresses = [], notReadyAddresses = [] }, at) => [
      ...addresses.flatMap(({ ip }, index) => ipWarnings(`subsets[${at}].addresses[${index}].ip`, ip)),
      ...notReadyAddresses.flatMap(({ ip }, index) => ipWarnings(`subsets[${at}].notReadyAddresses[${index}].ip`, ip)),
    ]);
  },
});

/** Subsets that were stored before the rules are right as long as nobody changes them. */
function checkEndpoints(
  { metadata, subsets = [] }: Endpoints,
  current: Endpoints | undefined,
  into: FieldError[],
): void {
  checkMetadata(metadata, dnsSubdomain, into);
  if (current && sameValue(subsets, current.subsets)) return;
  for (const [at, subset] of subsets.entries()) checkSubset(subset, `subsets[${at}]`, into);
}

function checkSubset(subset: EndpointSubset, path: string, into: FieldError[]): void {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  if (addresses.length === 0 && notReadyAddresses.length === 0)
    into.push(required(path, 'must specify `addresses` or `notReadyAddresses`'));
  for (const [at, one] of addresses.entries()) checkAddress(one, `${path}.addresses[${at}]`, into);
  for (const [at, one] of notReadyAddresses.entries()) checkAddress(one, `${path}.notReadyAddresses[${at}]`, into);
  for (const [at, port] of ports.entries()) checkEndpointPort(port, ports.length > 1, `${path}.ports[${at}]`, into);
}

function checkAddress({ ip, hostname, nodeName }: EndpointAddress, path: string, into: FieldError[]): void {
  checkIp(ip, `${path}.ip`, into);
  if (hostname) checkName(hostname, dnsLabel, `${path}.hostname`, into);
  if (nodeName !== undefined) checkName(nodeName, dnsSubdomain, `${path}.nodeName`, into);
  checkEndpointIp(ip, `${path}.ip`, into);
}

function checkEndpointPort(
  { name, port, protocol, appProtocol }: EndpointPort,
  needsName: boolean,
  path: string,
  into: FieldError[],
): void {
  if (name) checkName(name, dnsLabel, `${path}.name`, into);
  else if (needsName) into.push(required(`${path}.name`));
  checkPort(port, `${path}.port`, into);
  checkWord(protocol, PROTOCOLS, `${path}.protocol`, into);
  if (appProtocol !== undefined) eachInvalid(into, `${path}.appProtocol`, appProtocol, qualifiedName(appProtocol));
}
