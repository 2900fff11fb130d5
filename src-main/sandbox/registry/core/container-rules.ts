/** The rules of one container, whichever list of a Pod it stands in. */
import type { Container, ContainerPort, EnvVar, Probe, ResourceRequirements, VolumeMount } from '#common/kube/types';
import { quantityNanos } from '#main/sandbox/machinery/quantity';
import {
  duplicateValue,
  forbiddenField,
  invalidValue,
  must,
  notSupported,
  required,
  type FieldError,
} from '../field-errors';
import { dnsLabel } from '../names';

/** What a container's rules need to know of its Pod. `names` gathers the names that are taken. */
export interface ContainerPlace {
  volumes: ReadonlySet<string>;
  names: Set<string>;
  hostNetwork: boolean;
  isInit?: boolean;
}

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];

export function validateContainer(container: Container, path: string, place: ContainerPlace): FieldError[] {
  const { image, imagePullPolicy, restartPolicy } = container;
  return [
    ...nameErrors(container, path, place),
    ...imageErrors(image, path),
    ...portsErrors(container.ports ?? [], `${path}.ports`, place),
    ...(container.env ?? []).flatMap((one, at) => envErrors(one, `${path}.env[${at}]`)),
    ...mountsErrors(container.volumeMounts ?? [], `${path}.volumeMounts`, place),
    ...must(!imagePullPolicy || PULL_POLICIES.includes(imagePullPolicy), () =>
      notSupported(`${path}.imagePullPolicy`, imagePullPolicy, PULL_POLICIES),
    ),
    ...resourceErrors(container.resources, `${path}.resources`),
    ...probesErrors(container, path, place),
    ...must(!restartPolicy || RESTART_POLICIES.includes(restartPolicy), () =>
      notSupported(`${path}.restartPolicy`, restartPolicy, RESTART_POLICIES),
    ),
  ];
}

function nameErrors({ name }: Container, path: string, { names }: ContainerPlace): FieldError[] {
  if (!name) return [required(`${path}.name`)];
  const errors = dnsLabel(name).map((text) => invalidValue(`${path}.name`, name, text));
  if (names.has(name)) errors.push(duplicateValue(`${path}.name`, name));
  names.add(name);
  return errors;
}

function imageErrors(image: string | undefined, path: string): FieldError[] {
  if (!image) return [required(`${path}.image`)];
  return must(image === image.trim(), () =>
    invalidValue(`${path}.image`, image, 'must not have leading or trailing whitespace'),
  );
}

const portRange = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 65_535;
const RANGE_TEXT = 'must be between 1 and 65535, inclusive';

function portsErrors(ports: readonly ContainerPort[], path: string, place: ContainerPlace): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, at) => {
    const errors = portErrors(port, `${path}[${at}]`, place);
    if (port.name && names.has(port.name)) errors.push(duplicateValue(`${path}[${at}].name`, port.name));
    if (port.name) names.add(port.name);
    return errors;
  });
}

function portErrors(
  { name, containerPort, hostPort, protocol }: ContainerPort,
  path: string,
  { hostNetwork }: ContainerPlace,
) {
  return [
    ...(name ? portNameProblems(name).map((text) => invalidValue(`${path}.name`, name, text)) : []),
    ...(containerPort
      ? must(portRange(containerPort), () => invalidValue(`${path}.containerPort`, containerPort, RANGE_TEXT))
      : [required(`${path}.containerPort`)]),
    ...must(!hostPort || portRange(hostPort), () => invalidValue(`${path}.hostPort`, hostPort, RANGE_TEXT)),
    ...must(!hostNetwork || !hostPort || hostPort === containerPort, () =>
      invalidValue(`${path}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true'),
    ),
    ...must(!protocol || PROTOCOLS.includes(protocol), () => notSupported(`${path}.protocol`, protocol, PROTOCOLS)),
  ];
}

/** IANA service names, as ports are named. */
export function portNameProblems(name: string): string[] {
  const problems: string[] = [];
  if (name.length > 15) problems.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(name))
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)');
  if (name.includes('--')) problems.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) problems.push('must not begin or end with a hyphen');
  return problems;
}

const ENV_NAME = /^[ -<>-~]+$/;

function envErrors({ name, value, valueFrom }: EnvVar, path: string): FieldError[] {
  if (!name) return [required(`${path}.name`)];
  const sources = valueFrom ? Object.keys(valueFrom).length : 0;
  return [
    ...must(ENV_NAME.test(name), () =>
      invalidValue(
        `${path}.name`,
        name,
        "a valid environment variable name must consist only of printable ASCII characters other than '='",
      ),
    ),
    ...must(!valueFrom || !value, () =>
      invalidValue(`${path}.valueFrom`, '', 'may not be specified when `value` is not empty'),
    ),
    ...must(!valueFrom || sources > 0, () =>
      invalidValue(
        `${path}.valueFrom`,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      ),
    ),
    ...must(sources <= 1, () =>
      invalidValue(`${path}.valueFrom`, '', 'may not have more than one field specified at a time'),
    ),
  ];
}

function mountsErrors(mounts: readonly VolumeMount[], path: string, { volumes }: ContainerPlace): FieldError[] {
  const paths = new Set<string>();
  return mounts.flatMap(({ name, mountPath, subPath, subPathExpr }, at) => {
    const here = `${path}[${at}]`;
    const errors = [
      ...(name
        ? must(volumes.has(name), () => ({
            reason: 'FieldValueNotFound',
            field: `${here}.name`,
            body: `Not found: "${name}"`,
          }))
        : [required(`${here}.name`)]),
      ...(mountPath ? [] : [required(`${here}.mountPath`)]),
      ...must(!paths.has(mountPath), () => invalidValue(`${here}.mountPath`, mountPath, 'must be unique')),
      ...must(!subPath || !subPathExpr, () =>
        invalidValue(`${here}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'),
      ),
    ];
    paths.add(mountPath);
    return errors;
  });
}

function resourceErrors(resources: ResourceRequirements | undefined, path: string): FieldError[] {
  if (!resources) return [];
  const { limits = {}, requests = {} } = resources;
  const negative = (kind: string, list: Record<string, string>) =>
    Object.entries(list).flatMap(([name, value]) =>
      must(quantityNanos(value) >= 0n, () =>
        invalidValue(`${path}.${kind}[${name}]`, value, 'must be greater than or equal to 0'),
      ),
    );
  const above = Object.entries(requests).flatMap(([name, value]) => {
    const limit = limits[name];
    return must(limit === undefined || quantityNanos(value) <= quantityNanos(limit), () =>
      invalidValue(`${path}.requests`, value, `must be less than or equal to ${name} limit of ${limit}`),
    );
  });
  return [...negative('limits', limits), ...negative('requests', requests), ...above];
}

function probesErrors(container: Container, path: string, { isInit }: ContainerPlace): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const ends = isInit && container.restartPolicy !== 'Always';
  const errors: FieldError[] = [];
  if (ends && lifecycle)
    errors.push(forbiddenField(`${path}.lifecycle`, 'may not be set for init containers without restartPolicy=Always'));
  for (const [name, probe] of Object.entries({ livenessProbe, readinessProbe, startupProbe })) {
    if (!probe) continue;
    const here = `${path}.${name}`;
    if (ends) errors.push(forbiddenField(here, 'may not be set for init containers without restartPolicy=Always'));
    else errors.push(...probeErrors(probe, here, name !== 'readinessProbe'));
  }
  return errors;
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'] as const;
const COUNTS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

function probeErrors(probe: Probe, path: string, mustSucceedOnce: boolean): FieldError[] {
  const handlers = HANDLERS.filter((name) => probe[name] !== undefined);
  return [
    ...must(handlers.length > 0, () => required(path, 'must specify a handler type')),
    ...handlers.slice(1).map((name) => forbiddenField(`${path}.${name}`, 'may not specify more than 1 handler type')),
    ...(probe.exec ? must((probe.exec.command?.length ?? 0) > 0, () => required(`${path}.exec.command`)) : []),
    ...(probe.httpGet ? portReferenceErrors(probe.httpGet.port, `${path}.httpGet.port`) : []),
    ...(probe.tcpSocket ? portReferenceErrors(probe.tcpSocket.port, `${path}.tcpSocket.port`) : []),
    ...COUNTS.flatMap((name) =>
      must((probe[name] ?? 0) >= 0, () =>
        invalidValue(`${path}.${name}`, probe[name], 'must be greater than or equal to 0'),
      ),
    ),
    ...must(!mustSucceedOnce || (probe.successThreshold ?? 1) === 1, () =>
      invalidValue(`${path}.successThreshold`, probe.successThreshold, 'must be 1'),
    ),
  ];
}

export function portReferenceErrors(port: number | string | undefined, path: string): FieldError[] {
  if (typeof port === 'string') return portNameProblems(port).map((text) => invalidValue(path, port, text));
  return must(port !== undefined && portRange(port), () => invalidValue(path, port ?? 0, RANGE_TEXT));
}
