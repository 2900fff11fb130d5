import { ConfigMaps, PersistentVolumeClaims, Secrets, ServiceAccounts } from '#common/kube/resources';
import { quantityNumber } from '#common/kube/quantity';
import { isNotFound } from '#common/kube/status-error';
import type { ConfigMap, Container, EnvVar, PersistentVolumeClaim, Pod, Secret } from '#common/kube/types';
import type { KubeClient } from '#main/client/client';
import { hostsFile, resolvConf } from '../network/resolver-files';

/** A container that cannot be made because something it names is not there: `CreateContainerConfigError`. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError';
}

type Values = Readonly<Record<string, string>>;

/** Reads ConfigMaps and Secrets of one Pod, each once per start. */
export class PodSources {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #signal: AbortSignal;
  readonly #configMaps = new Map<string, Promise<ConfigMap>>();
  readonly #secrets = new Map<string, Promise<Secret>>();

  constructor(client: KubeClient, namespace: string, signal: AbortSignal) {
    this.#client = client;
    this.#namespace = namespace;
    this.#signal = signal;
  }

  async configMap(name: string, optional = false): Promise<Record<string, Buffer> | undefined> {
    const ref = { name, namespace: this.#namespace };
    const reading = this.#configMaps.get(name) ?? this.#client.get(ConfigMaps, ref, { signal: this.#signal });
    this.#configMaps.set(name, reading);
    const object = await present(reading, `configmap "${name}" not found`, optional);
    return object && { ...bytesOf(object.data, 'utf8'), ...bytesOf(object.binaryData, 'base64') };
  }

  async claim(name: string): Promise<PersistentVolumeClaim> {
    const ref = { name, namespace: this.#namespace };
    const reading = this.#client.get(PersistentVolumeClaims, ref, { signal: this.#signal });
    return required(reading, `persistentvolumeclaim "${name}" not found`);
  }

  /** A token for the Pod's account that ends with the Pod. */
  async token({ metadata, spec }: Pod, { audience, expirationSeconds }: TokenRequest): Promise<string> {
    const ref = { name: spec.serviceAccountName ?? 'default', namespace: this.#namespace };
    const { name, uid } = metadata;
    const wanted = {
      ...(audience ? { audiences: [audience] } : {}),
      ...(expirationSeconds ? { expirationSeconds } : {}),
      boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid },
    };
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: wanted };
    const answer = await this.#client.createSubresource(ServiceAccounts, ref, 'token', body, { signal: this.#signal });
    return (answer as { status?: { token?: string } }).status?.token ?? '';
  }

  async secret(name: string, optional = false): Promise<Record<string, Buffer> | undefined> {
    const ref = { name, namespace: this.#namespace };
    const reading = this.#secrets.get(name) ?? this.#client.get(Secrets, ref, { signal: this.#signal });
    this.#secrets.set(name, reading);
    const object = await present(reading, `secret "${name}" not found`, optional);
    return object && bytesOf(object.data, 'base64');
  }
}

interface TokenRequest {
  audience?: string;
  expirationSeconds?: number;
}

async function present<T>(reading: Promise<T>, missing: string, optional: boolean): Promise<T | undefined> {
  try {
    return await required(reading, missing);
  } catch (failure) {
    if (optional && failure instanceof ContainerConfigError) return undefined;
    throw failure;
  }
}

async function required<T>(reading: Promise<T>, missing: string): Promise<T> {
  try {
    return await reading;
  } catch (failure) {
    if (!isNotFound(failure)) throw failure;
    throw new ContainerConfigError(missing, { cause: failure });
  }
}

function bytesOf(data: Values | undefined, encoding: 'utf8' | 'base64'): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, encoding)]));
}

export interface PodFacts {
  pod: Pod;
  podIP: string;
  hostIP: string;
  nodeName: string;
  /** A file of one of the Pod's volumes; nothing when it is not there. */
  fileOf?: (volume: string, path: string) => Promise<string | undefined>;
  /** What the node has to give to Pods. */
  allocatable: Values | undefined;
  /** The variables of the Services the Pod starts beside. */
  services: Values;
}

/** The environment of a container; later names win, `$(NAME)` is filled from those before. */
export async function containerEnv(
  container: Pick<Container, 'env' | 'envFrom'>,
  sources: PodSources,
  facts: PodFacts,
): Promise<Record<string, string>> {
  const env: Record<string, string> = { ...facts.services };
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const data = configMapRef
      ? await sources.configMap(configMapRef.name ?? '', configMapRef.optional)
      : await sources.secret(secretRef?.name ?? '', secretRef?.optional);
    for (const [key, value] of Object.entries(data ?? {})) env[prefix + key] = value.toString('utf8');
  }
  for (const variable of container.env ?? []) {
    const value = await variableValue(variable, sources, facts);
    if (value !== undefined) env[variable.name] = variable.valueFrom ? value : expand(value, env);
  }
  return env;
}

/** Kubernetes' own expansion: `$(NAME)` when known, `$$(NAME)` for the text itself. */
export function expand(text: string, env: Values): string {
  return text.replaceAll(/\$\$|\$\(([^()]*)\)/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$';
    return env[name] ?? whole;
  });
}

async function variableValue(variable: EnvVar, sources: PodSources, facts: PodFacts): Promise<string | undefined> {
  const { valueFrom } = variable;
  if (!valueFrom) return variable.value ?? '';
  const { configMapKeyRef, secretKeyRef, fieldRef, fileKeyRef, resourceFieldRef } = valueFrom;
  const { namespace = 'default' } = facts.pod.metadata;
  if (configMapKeyRef) {
    const { name = '', key, optional } = configMapKeyRef;
    return keyValue(await sources.configMap(name, optional), key, `${namespace}/${name}`, {
      kind: 'ConfigMap',
      optional,
    });
  }
  if (secretKeyRef) {
    const { name = '', key, optional } = secretKeyRef;
    return keyValue(await sources.secret(name, optional), key, `${namespace}/${name}`, { kind: 'Secret', optional });
  }
  if (fieldRef) return fieldValue(fieldRef.fieldPath, facts);
  if (fileKeyRef) return fileKeyValue(fileKeyRef, facts);
  return resourceFieldRef ? resourceValue(facts, resourceFieldRef) : '';
}

function keyValue(
  data: Record<string, Buffer> | undefined,
  key: string,
  where: string,
  { kind, optional }: { kind: string; optional: boolean | undefined },
): string | undefined {
  const value = data?.[key];
  if (value !== undefined || optional || !data) return value?.toString('utf8');
  throw new ContainerConfigError(`couldn't find key ${key} in ${kind} ${where}`);
}

/** A line `KEY=value` of a file that an init container has left in a volume. */
async function fileKeyValue(
  { volumeName, path, key, optional }: { volumeName: string; path: string; key: string; optional?: boolean },
  { fileOf }: PodFacts,
): Promise<string | undefined> {
  const text = await fileOf?.(volumeName, path);
  const line = text?.split('\n').find((each) => each.startsWith(`${key}=`));
  if (line !== undefined) return line.slice(key.length + 1).replace(/^(['"])(.*)\1$/, '$2');
  if (optional) return undefined;
  throw new ContainerConfigError(
    text === undefined ? `couldn't parse env file` : `environment variable key "${key}" not found in file "${path}"`,
  );
}

/** The downward API's fields. */
export function fieldValue(path: string, { pod, podIP, hostIP, nodeName }: PodFacts): string {
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (subscript) return pod.metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2] ?? ''] ?? '';
  const values: Record<string, string | undefined> = {
    'metadata.name': pod.metadata.name,
    'metadata.namespace': pod.metadata.namespace,
    'metadata.uid': pod.metadata.uid,
    'metadata.labels': asLines(pod.metadata.labels),
    'metadata.annotations': asLines(pod.metadata.annotations),
    'spec.nodeName': nodeName,
    'spec.serviceAccountName': pod.spec.serviceAccountName,
    'status.hostIP': hostIP,
    'status.hostIPs': hostIP,
    'status.podIP': podIP,
    'status.podIPs': podIP,
  };
  return values[path] ?? '';
}

const asLines = (values: Values | undefined): string =>
  Object.entries(values ?? {})
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');

/** A resource of a container in units of the divisor, rounded up; what has no limit may use the whole node. */
export function resourceValue(
  { pod, allocatable }: PodFacts,
  { containerName, resource, divisor }: { containerName?: string; resource: string; divisor?: string },
): string {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const container = all.find(({ name }) => !containerName || name === containerName);
  const [kind, name = ''] = resource.split('.');
  const { limits, requests } = container?.resources ?? {};
  const quantity = kind === 'limits' ? (limits?.[name] ?? allocatable?.[name]) : requests?.[name];
  const unit = quantityNumber(divisor) || 1;
  return String(Math.ceil(Number(((quantityNumber(quantity) || 0) / unit).toFixed(6))));
}

/** The files a kubelet writes into every container. */
export function kubeletFiles(
  { pod, podIP }: Pick<PodFacts, 'pod' | 'podIP'>,
  hostname: string,
): Record<string, string> {
  return {
    '/etc/hostname': `${hostname}\n`,
    '/etc/hosts': hostsFile(pod, podIP),
    '/etc/resolv.conf': resolvConf(pod),
  };
}
