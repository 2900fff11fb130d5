import type {
  Container,
  ContainerState,
  ContainerStatus,
  EnvFromSource,
  EnvVar,
  Pod,
  Probe,
  ResourceFieldSelector,
  VolumeMount,
} from '#common/kube/types';
import type { DescribeWriter } from './describe-writer';
import { fieldValue, resourceValue } from './env-values';
import { writeResources } from './resources';
import { formatDate } from './times';

export interface ContainersOptions {
  /** Absent in a template. */
  statuses?: readonly ContainerStatus[] | undefined;
  /** Whose fields variables refer to; absent in a template. */
  pod?: Pod;
  /** Two spaces inside a template. */
  indent?: string;
}

export function writeContainers(
  writer: DescribeWriter,
  label: string,
  containers: readonly Container[],
  { statuses, pod, indent = '' }: ContainersOptions,
): void {
  writer.line(0, `${indent}${label}:${containers.length === 0 ? ' <none>' : ''}`);
  for (const container of containers) {
    const status = statuses?.find(({ name }) => name === container.name);
    writer.line(1, `${indent ? ' ' : ''}${container.name}:`);
    writeBasics(writer, container, status);
    writeCommand(writer, container);
    if (status) writeState(writer, status);
    writeResources(writer, container.resources, 2);
    writeProbes(writer, container);
    writeEnvFrom(writer, container.envFrom);
    writeEnv(writer, container, pod);
    writeMounts(writer, container);
  }
}

function writeBasics(writer: DescribeWriter, container: Container, status: ContainerStatus | undefined): void {
  if (status) writer.field(2, 'Container ID', status.containerID);
  writer.field(2, 'Image', container.image);
  if (status) writer.field(2, 'Image ID', status.imageID);
  const ports = container.ports ?? [];
  const plural = ports.length > 1 ? 's' : '';
  const text = (numbers: (number | undefined)[]) =>
    numbers.map((number, index) => `${number ?? 0}/${ports[index]?.protocol ?? 'TCP'}`).join(', ') || '<none>';
  writer.field(2, `Port${plural}`, text(ports.map(({ containerPort }) => containerPort)));
  writer.field(2, `Host Port${plural}`, text(ports.map(({ hostPort }) => hostPort)));
  const seccomp = container.securityContext?.seccompProfile;
  if (!seccomp) return;
  writer.field(2, 'SeccompProfile', seccomp.type);
  if (seccomp.type === 'Localhost') writer.field(3, 'LocalhostProfile', seccomp.localhostProfile);
}

function writeCommand(writer: DescribeWriter, { command, args }: Container): void {
  for (const [title, words] of [
    ['Command', command],
    ['Args', args],
  ] as const) {
    if (!words?.length) continue;
    writer.line(2, `${title}:`);
    for (const line of words.flatMap((word) => word.split('\n'))) writer.line(3, line);
  }
}

function writeState(writer: DescribeWriter, status: ContainerStatus): void {
  writeOneState(writer, 'State', status.state ?? {});
  if (status.lastState?.terminated) writeOneState(writer, 'Last State', status.lastState);
  writer.field(2, 'Ready', status.ready ? 'True' : 'False');
  writer.field(2, 'Restart Count', status.restartCount, 0);
}

function writeOneState(writer: DescribeWriter, title: string, { running, waiting, terminated }: ContainerState): void {
  if (running) {
    writer.field(2, title, 'Running');
    writer.field(3, 'Started', formatDate(running.startedAt));
  } else if (terminated && !waiting) {
    writer.field(2, title, 'Terminated');
    writer.optional(3, 'Reason', terminated.reason);
    writer.optional(3, 'Message', terminated.message);
    writer.field(3, 'Exit Code', terminated.exitCode);
    if (terminated.signal) writer.field(3, 'Signal', terminated.signal);
    writer.field(3, 'Started', formatDate(terminated.startedAt));
    writer.field(3, 'Finished', formatDate(terminated.finishedAt));
  } else {
    writer.field(2, title, 'Waiting');
    writer.optional(3, 'Reason', waiting?.reason);
  }
}

function writeProbes(writer: DescribeWriter, { livenessProbe, readinessProbe, startupProbe }: Container): void {
  if (livenessProbe) writer.field(2, 'Liveness', probeText(livenessProbe));
  if (readinessProbe) writer.field(2, 'Readiness', probeText(readinessProbe));
  if (startupProbe) writer.field(2, 'Startup', probeText(startupProbe));
}

function probeText(probe: Probe): string {
  const { initialDelaySeconds = 0, timeoutSeconds = 0, periodSeconds = 0 } = probe;
  const times = `delay=${initialDelaySeconds}s timeout=${timeoutSeconds}s period=${periodSeconds}s`;
  const attributes = `${times} #success=${probe.successThreshold ?? 0} #failure=${probe.failureThreshold ?? 0}`;
  return `${probeAction(probe)} ${attributes}`;
}

function probeAction({ exec, httpGet, tcpSocket, grpc }: Probe): string {
  if (exec) return `exec [${(exec.command ?? []).join(' ')}]`;
  if (httpGet) {
    const { scheme = 'HTTP', host = '', port, path = '' } = httpGet;
    const slash = path === '' || path.startsWith('/') ? '' : '/';
    return `http-get ${scheme.toLowerCase()}://${host}:${port}${slash}${path}`;
  }
  if (tcpSocket) return `tcp-socket ${tcpSocket.host ?? ''}:${tcpSocket.port}`;
  return grpc ? `grpc <pod>:${grpc.port} ${grpc.service ?? ''}` : 'unknown';
}

function writeEnvFrom(writer: DescribeWriter, sources: readonly EnvFromSource[] | undefined): void {
  if (!sources?.length) return;
  writer.line(2, 'Environment Variables from:');
  for (const { configMapRef, secretRef, prefix } of sources) {
    const ref = configMapRef ?? secretRef;
    const from = configMapRef ? 'ConfigMap' : secretRef ? 'Secret' : '';
    const words = prefix ? `${from} with prefix '${prefix}'` : from;
    writer.line(3, `${ref?.name ?? ''}\t${words}\tOptional: ${ref?.optional ?? false}`);
  }
}

function writeEnv(writer: DescribeWriter, container: Container, pod: Pod | undefined): void {
  const variables = container.env ?? [];
  writer.line(2, variables.length === 0 ? 'Environment:\t<none>' : 'Environment:');
  for (const variable of variables) {
    if (variable.valueFrom) writeReference(writer, variable, container, pod);
    else {
      const [first = '', ...rest] = (variable.value ?? '').split('\n');
      writer.field(3, variable.name, first);
      for (const line of rest) writer.line(3, `\t${line}`);
    }
  }
}

function writeReference(
  writer: DescribeWriter,
  { name, valueFrom }: EnvVar,
  container: Container,
  pod: Pod | undefined,
): void {
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = valueFrom ?? {};
  if (fieldRef) {
    const value = pod ? fieldValue(pod, fieldRef.fieldPath) : '';
    writer.field(3, name, `${value} (${fieldRef.apiVersion ?? 'v1'}:${fieldRef.fieldPath})`);
  } else if (resourceFieldRef) {
    writer.field(3, name, `${resourceText(container, resourceFieldRef)} (${resourceFieldRef.resource})`);
  } else if (secretKeyRef) {
    const place = `<set to the key '${secretKeyRef.key}' in secret '${secretKeyRef.name ?? ''}'>`;
    writer.field(3, name, `${place}\tOptional: ${secretKeyRef.optional === true}`);
  } else if (configMapKeyRef) {
    const place = `<set to the key '${configMapKeyRef.key}' of config map '${configMapKeyRef.name ?? ''}'>`;
    writer.field(3, name, `${place}\tOptional: ${configMapKeyRef.optional === true}`);
  }
}

/** Without a limit of its own, a container may use what its node has. */
function resourceText(container: Container, reference: ResourceFieldSelector): string {
  const value = resourceValue(container, reference);
  const isLimit = reference.resource === 'limits.cpu' || reference.resource === 'limits.memory';
  return value === '0' && isLimit ? 'node allocatable' : value;
}

function writeMounts(writer: DescribeWriter, { volumeMounts = [], volumeDevices = [] }: Container): void {
  const none = volumeMounts.length === 0 ? '\t<none>' : '';
  writer.line(2, `Mounts:${none}`);
  for (const mount of byText(volumeMounts, ({ mountPath }) => mountPath)) {
    writer.line(3, `${mount.mountPath} from ${mount.name} (${mountFlags(mount)})`);
  }
  if (volumeDevices.length === 0) return;
  writer.line(2, `Devices:${none}`);
  for (const { devicePath, name } of byText(volumeDevices, (device) => device.devicePath)) {
    writer.line(3, `${devicePath} from ${name}`);
  }
}

function mountFlags({ readOnly, subPath }: VolumeMount): string {
  return `${readOnly ? 'ro' : 'rw'}${subPath ? `,path=${JSON.stringify(subPath)}` : ''}`;
}

function byText<T>(items: readonly T[], textOf: (item: T) => string): T[] {
  return items.toSorted((left, right) => (textOf(left) < textOf(right) ? -1 : 1));
}
