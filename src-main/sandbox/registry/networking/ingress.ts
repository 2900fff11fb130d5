import { Ingresses } from '#common/kube/resources';
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressServiceBackend,
  IngressSpec,
  IngressTLS,
} from '#common/kube/types';
import { checkBalancerName } from '../core/service-rules';
import { eachInvalid, invalidValue, notSupported, required, type FieldError } from '../field-errors';
import { checkIp, ipWarnings, parseIp } from '../ip-rules';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsLabel, dnsSubdomain, pathSegment, portName, wildcardSubdomain } from '../names';
import { defineStrategy, gathered } from '../strategy';
import { checkName, checkNeededName, checkPort } from '../value-rules';

const OLD_CLASS = 'kubernetes.io/ingress.class';
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const SUFFIXES = ['/..', '/.'];

export const ingressStrategy = defineStrategy<Ingress>({
  resource: Ingresses,
  checks: {
    create({ metadata, spec = {} }, into) {
      checkMetadata(metadata, dnsSubdomain, into);
      checkSpec(spec, into);
      const old = metadata.annotations?.[OLD_CLASS];
      if (old !== undefined && spec.ingressClassName !== undefined && old !== spec.ingressClassName)
        into.push(
          invalidValue(`annotations.${OLD_CLASS}`, old, 'must match `ingressClassName` when both are specified'),
        );
    },
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkMetadata(next.metadata, dnsSubdomain, into);
      checkSpec(next.spec ?? {}, into);
    },
  },
  subresources: {
    status: { validate: gathered(checkStatus), warnings: statusWarnings },
  },
  warnings: ({ metadata }, before) =>
    before || metadata.annotations?.[OLD_CLASS] === undefined
      ? []
      : [`annotation "${OLD_CLASS}" is deprecated, please use 'spec.ingressClassName' instead`],
});

function checkSpec({ rules = [], defaultBackend, tls = [], ingressClassName }: IngressSpec, into: FieldError[]): void {
  if (rules.length === 0 && !defaultBackend)
    into.push(invalidValue('spec', null, 'either `defaultBackend` or `rules` must be specified'));
  if (defaultBackend) checkBackend(defaultBackend, 'spec.defaultBackend', into);
  for (const [at, { host, http }] of rules.entries()) {
    const here = `spec.rules[${at}]`;
    if (host) checkHost(host, `${here}.host`, into);
    if (!http) continue;
    const { paths = [] } = http as { paths?: HTTPIngressPath[] };
    if (paths.length === 0) into.push(required(`${here}.http.paths`));
    for (const [index, path] of paths.entries()) checkPath(path, `${here}.http.paths[${index}]`, into);
  }
  for (const [at, one] of tls.entries()) checkTls(one, `spec.tls[${at}]`, into);
  if (ingressClassName !== undefined) checkName(ingressClassName, dnsSubdomain, 'spec.ingressClassName', into);
}

function checkHost(host: string, path: string, into: FieldError[]): void {
  if (parseIp(host)) into.push(invalidValue(path, host, 'must be a DNS name, not an IP address'));
  eachInvalid(into, path, host, host.includes('*') ? wildcardSubdomain(host) : dnsSubdomain(host));
}

function checkTls({ hosts = [], secretName }: IngressTLS, path: string, into: FieldError[]): void {
  for (const [at, host] of hosts.entries())
    eachInvalid(into, `${path}.hosts[${at}]`, host, host.includes('*') ? wildcardSubdomain(host) : dnsSubdomain(host));
  if (secretName) checkName(secretName, dnsSubdomain, `${path}.secretName`, into);
}

function checkPath({ path = '', pathType, backend }: HTTPIngressPath, here: string, into: FieldError[]): void {
  if (pathType === undefined) {
    into.push(required(`${here}.pathType`, 'pathType must be specified'));
    return;
  }
  const field = `${here}.path`;
  const isStrict = pathType === 'Exact' || pathType === 'Prefix';
  if (!PATH_TYPES.includes(pathType)) into.push(notSupported(`${here}.pathType`, pathType, PATH_TYPES));
  else if (!path.startsWith('/') && (isStrict || path !== ''))
    into.push(invalidValue(field, path, 'must be an absolute path'));
  if (isStrict) {
    for (const sequence of SEQUENCES)
      if (path.includes(sequence)) into.push(invalidValue(field, path, `must not contain '${sequence}'`));
    for (const suffix of SUFFIXES)
      if (path.endsWith(suffix)) into.push(invalidValue(field, path, `cannot end with '${suffix}'`));
  }
  checkBackend(backend, `${here}.backend`, into);
}

function checkBackend({ resource, service }: IngressBackend, path: string, into: FieldError[]): void {
  if (resource && service) into.push(invalidValue(path, '', 'cannot set both resource and service backends'));
  else if (resource) {
    const { apiGroup, kind, name } = resource;
    if (apiGroup !== undefined) checkName(apiGroup, dnsSubdomain, `${path}.resource.apiGroup`, into);
    checkNeededName(kind, pathSegment, `${path}.resource.kind`, into);
    checkNeededName(name, pathSegment, `${path}.resource.name`, into);
  } else if (service) checkService(service, path, into);
  else into.push(invalidValue(path, '', 'resource or service backend is required'));
}

function checkService({ name, port = {} }: IngressServiceBackend, path: string, into: FieldError[]): void {
  checkNeededName(name, dnsLabel, `${path}.service.name`, into);
  if (port.name && port.number) into.push(invalidValue(path, '', 'cannot set both port name & port number'));
  else if (port.name) checkName(port.name, portName, `${path}.service.port.name`, into);
  else if (port.number) checkPort(port.number, `${path}.service.port.number`, into);
  else into.push(required(path, 'port name or number is required'));
}

function checkStatus({ status }: Ingress, current: Readonly<Ingress>, into: FieldError[]): void {
  const before = current.status?.loadBalancer?.ingress?.flatMap(({ ip }) => (ip ? [ip] : [])) ?? [];
  for (const [at, { ip, hostname }] of (status?.loadBalancer?.ingress ?? []).entries()) {
    const here = `status.loadBalancer.ingress[${at}]`;
    if (ip) checkIp(ip, `${here}.ip`, into, before);
    if (hostname) checkBalancerName(hostname, `${here}.hostname`, into);
  }
}

function statusWarnings({ status }: Ingress): string[] {
  const balancers = status?.loadBalancer?.ingress ?? [];
  return balancers.flatMap(({ ip }, at) => ipWarnings(`status.loadBalancer.ingress[${at}].ip`, ip));
}
