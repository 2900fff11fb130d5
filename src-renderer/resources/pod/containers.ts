import type { Container, ContainerState, ContainerStatus, Pod, Probe } from '#common/kube/types';
import type { Tone } from '#common/contract/shapes';

export type ContainerRole = 'init' | 'sidecar' | 'main' | 'ephemeral';

/** What a container is doing; times are epoch milliseconds. */
export type Condition =
  | { is: 'running'; since: number | undefined; ready: boolean }
  | { is: 'waiting'; reason: string; message: string; nextStart: number | undefined }
  | { is: 'ended'; exitCode: number; signal: number; reason: string; message: string; at: number | undefined }
  | { is: 'unknown' };

export interface ContainerView {
  name: string;
  role: ContainerRole;
  image: string;
  command: string[];
  condition: Condition;
  tone: Tone;
  /** How it ended the last time, if it was started again since. */
  lastEnd: (Condition & { is: 'ended' }) | undefined;
  restarts: number;
  ports: PortView[];
  probes: { kind: 'startup' | 'liveness' | 'readiness'; text: string; every: number; failures: number }[];
  resources: { name: string; request: string | undefined; limit: string | undefined }[];
  environment: EnvironmentEntry[];
  mounts: { path: string; volume: string; readOnly: boolean }[];
}

export interface PortView {
  port: number;
  name: string;
  protocol: string;
}

/** One variable: a plain value, or where it is read from. */
export interface EnvironmentEntry {
  name: string;
  value: string | undefined;
  from: string | undefined;
}

/** Every container of a Pod in the order they start. */
export function containersOf(pod: Pod): ContainerView[] {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = pod.spec ?? {};
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  const role = (container: Container) => (container.restartPolicy === 'Always' ? 'sidecar' : 'init');
  const ended = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  return [
    ...initContainers.map((container) =>
      viewOf(container, role(container), byName(initContainerStatuses, container), ended),
    ),
    ...containers.map((container) => viewOf(container, 'main', byName(containerStatuses, container), ended)),
    ...ephemeralContainers.map((container) =>
      viewOf(container as Container, 'ephemeral', byName(ephemeralContainerStatuses, container), ended),
    ),
  ];
}

function byName(statuses: readonly ContainerStatus[], { name }: { name: string }): ContainerStatus | undefined {
  return statuses.find((status) => status.name === name);
}

function viewOf(
  container: Container,
  role: ContainerRole,
  status: ContainerStatus | undefined,
  podEnded: boolean,
): ContainerView {
  const condition = conditionOf(status?.state, status);
  const lastEnd = conditionOf(status?.lastState, status);
  return {
    name: container.name,
    role,
    image: container.image ?? status?.image ?? '',
    command: [...(container.command ?? []), ...(container.args ?? [])],
    condition,
    tone: toneOf(condition, role, podEnded),
    lastEnd: lastEnd.is === 'ended' ? lastEnd : undefined,
    restarts: status?.restartCount ?? 0,
    ports: (container.ports ?? []).map(({ containerPort, name, protocol }) => ({
      port: containerPort,
      name: name ?? '',
      protocol: protocol ?? 'TCP',
    })),
    probes: probesOf(container),
    resources: resourcesOf(container),
    environment: environmentOf(container),
    mounts: (container.volumeMounts ?? []).map(({ mountPath, name, readOnly }) => ({
      path: mountPath,
      volume: name,
      readOnly: readOnly ?? false,
    })),
  };
}

function conditionOf(state: ContainerState | undefined, status: ContainerStatus | undefined): Condition {
  if (state?.running) return { is: 'running', since: epoch(state.running.startedAt), ready: status?.ready ?? false };
  if (state?.waiting) {
    const { reason = '', message = '' } = state.waiting;
    return { is: 'waiting', reason, message, nextStart: nextStart(message, status) };
  }
  return state?.terminated ? endOf(state.terminated) : { is: 'unknown' };
}

function endOf(terminated: NonNullable<ContainerState['terminated']>): Condition {
  const { exitCode, signal, reason, message, finishedAt } = terminated;
  return {
    is: 'ended',
    exitCode: exitCode ?? 0,
    signal: signal ?? 0,
    reason: reason ?? '',
    message: (message ?? '').trim(),
    at: epoch(finishedAt),
  };
}

/** The kubelet says how long it backs off (`back-off 2m40s restarting failed container=…`), counted from the last end. */
function nextStart(message: string, status: ContainerStatus | undefined): number | undefined {
  const backOff = /back-off ((?:\d+[hms])+) restarting/.exec(message)?.[1];
  const ended = epoch(status?.lastState?.terminated?.finishedAt);
  return backOff && ended !== undefined ? ended + goDurationMs(backOff) : undefined;
}

const UNIT_MS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000 };

function goDurationMs(duration: string): number {
  return [...duration.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ''] ?? 0),
    0,
  );
}

const STARTING = new Set(['', 'ContainerCreating', 'PodInitializing']);

function toneOf(condition: Condition, role: ContainerRole, podEnded: boolean): Tone {
  switch (condition.is) {
    case 'running':
      return condition.ready || role === 'init' || role === 'ephemeral' ? 'ok' : 'busy';
    case 'waiting':
      return STARTING.has(condition.reason) ? 'busy' : 'bad';
    case 'ended':
      return condition.exitCode === 0 ? 'done' : role === 'ephemeral' && podEnded ? 'done' : 'bad';
    case 'unknown':
      return 'none';
  }
}

function probesOf(container: Container): ContainerView['probes'] {
  const probes = {
    startup: container.startupProbe,
    liveness: container.livenessProbe,
    readiness: container.readinessProbe,
  };
  return (['startup', 'liveness', 'readiness'] as const).flatMap((kind) => {
    const probe = probes[kind];
    if (!probe) return [];
    return [{ kind, text: probeText(probe), every: probe.periodSeconds ?? 10, failures: probe.failureThreshold ?? 3 }];
  });
}

/** What a probe does: `http :8080/healthz`, `tcp :5432`, `grpc :9090 ready`, `exec pg_isready`. */
export function probeText(probe: Probe): string {
  const { httpGet, tcpSocket, grpc, exec } = probe;
  if (httpGet) {
    const scheme = (httpGet.scheme ?? 'HTTP').toLowerCase();
    return `${scheme} ${httpGet.host ?? ''}:${String(httpGet.port)}${httpGet.path ?? '/'}`;
  }
  if (tcpSocket) return `tcp ${tcpSocket.host ?? ''}:${String(tcpSocket.port)}`;
  if (grpc) return `grpc :${grpc.port}${grpc.service ? ` ${grpc.service}` : ''}`;
  return exec ? `exec ${(exec.command ?? []).join(' ')}` : '';
}

function resourcesOf({ resources }: Container): ContainerView['resources'] {
  const requests = (resources?.requests ?? {}) as Record<string, string>;
  const limits = (resources?.limits ?? {}) as Record<string, string>;
  return [...new Set([...Object.keys(requests), ...Object.keys(limits)])].map((name) => ({
    name,
    request: requests[name],
    limit: limits[name],
  }));
}

function environmentOf({ env = [], envFrom = [] }: Container): EnvironmentEntry[] {
  const bulk = envFrom.map(({ prefix, configMapRef, secretRef }) => ({
    name: `${prefix ?? ''}*`,
    value: undefined,
    from: configMapRef ? `ConfigMap ${configMapRef.name ?? ''}` : `Secret ${secretRef?.name ?? ''}`,
  }));
  const single = env.map(({ name, value, valueFrom }) => ({
    name,
    value: valueFrom ? undefined : (value ?? ''),
    from: valueFrom ? sourceText(valueFrom) : undefined,
  }));
  return [...bulk, ...single];
}

type VariableSource = NonNullable<NonNullable<Container['env']>[number]['valueFrom']>;

function sourceText({ configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef }: VariableSource): string {
  if (configMapKeyRef) return `ConfigMap ${configMapKeyRef.name ?? ''}, ${configMapKeyRef.key}`;
  if (secretKeyRef) return `Secret ${secretKeyRef.name ?? ''}, ${secretKeyRef.key}`;
  return fieldRef?.fieldPath ?? resourceFieldRef?.resource ?? '';
}

function epoch(time: string | undefined | null): number | undefined {
  const ms = time ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
