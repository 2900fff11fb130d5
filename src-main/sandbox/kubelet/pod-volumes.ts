import { formatTime, sleep } from '#common/base/clock';
import { randomInt } from '#common/base/random';
import type { Container, Pod, Volume, VolumeMount } from '#common/kube/types';
import { PodVolume, type ContainerMount, type FileContent } from '../containers/container-files';
import { claimedVolume, NotAttachedError } from './claimed-volume';
import { ContainerConfigError, expand, fieldValue, PodSources, resourceValue, type PodFacts } from './container-config';
import { recordPodEvent, type NodeContext } from './pod-context';

/** A volume that cannot be set up yet, in the words of the mounting plugin. */
class MountError extends Error {
  override readonly name = 'MountError';
}

/** A volume of a Pod as its node has it. */
export interface MountedVolume {
  volume: PodVolume;
  /** The folder of it that is the volume. */
  folder?: string | undefined;
  readOnly: boolean;
}

/** The delays between two attempts (exponentialbackoff of the volume manager). */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 122_000;

export interface PodVolumesOptions {
  node: NodeContext;
  pod: () => Pod;
  facts: () => PodFacts;
  signal: AbortSignal;
}

/** The volumes of one Pod, from the first attempt to mount them on. */
export class PodVolumes {
  readonly #options: PodVolumesOptions;
  readonly #mounted = new Map<string, MountedVolume>();

  constructor(options: PodVolumesOptions) {
    this.#options = options;
  }

  get mounted(): ReadonlyMap<string, MountedVolume> {
    return this.#mounted;
  }

  /** Mounts everything; tries again for as long as something is missing. */
  async mount(): Promise<void> {
    const { node, pod, signal } = this.#options;
    const { volumes = [] } = pod().spec;
    let delayMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      let missing = 0;
      for (const volume of volumes) if (!(await this.#tried(volume))) missing++;
      if (missing === 0) return;
      await sleep(node.clock, delayMs, signal);
      await node.power.untilOn(signal);
      delayMs = Math.min(LONGEST_RETRY_MS, delayMs * 2);
    }
  }

  /** Reads the volumes anew that show a ConfigMap or a Secret; lets those grow whose claim has grown. */
  async refresh(kind: SourceKind, name: string): Promise<void> {
    const pod = this.#options.pod();
    for (const volume of pod.spec.volumes ?? []) {
      const mounted = this.#mounted.get(volume.name);
      if (!mounted) continue;
      if (kind === 'PersistentVolumeClaim' && claimOf(volume, pod) === name) {
        if (this.#options.node.power.isOn) await this.#claimed(name, mounted.readOnly);
      } else if (sourcesOf(volume).some((source) => source.kind === kind && source.name === name)) {
        await mounted.volume.replace(await this.#files(volume));
      }
    }
  }

  /** Nothing of the Pod uses them any more. */
  unmount(): Promise<void> {
    const { node, pod } = this.#options;
    return node.volumesInUse.release(pod().metadata.uid);
  }

  /** Looks at the claims again: they may have grown while the kubelet was down. */
  async catchUp(): Promise<void> {
    const pod = this.#options.pod();
    for (const volume of pod.spec.volumes ?? []) {
      const claim = claimOf(volume, pod);
      if (claim !== undefined) await this.refresh('PersistentVolumeClaim', claim);
    }
  }

  /** Where a container sees which volume; an expression is filled with its own variables. */
  mountsOf(
    { volumeMounts = [] }: Pick<Container, 'volumeMounts'>,
    env: Readonly<Record<string, string>>,
  ): ContainerMount[] {
    return volumeMounts.flatMap((mount) => {
      const mounted = this.#mounted.get(mount.name);
      if (!mounted) return [];
      const path = subPath(mount, env);
      const folder = [mounted.folder, path].filter(Boolean).join('/');
      return [
        {
          path: mount.mountPath,
          volume: mounted.volume,
          ...(folder ? { subPath: folder } : {}),
          readOnly: mount.readOnly === true || mounted.readOnly,
        },
      ];
    });
  }

  async #tried(volume: Volume): Promise<boolean> {
    if (this.#mounted.has(volume.name)) return true;
    try {
      this.#mounted.set(volume.name, await this.#mount(volume));
      return true;
    } catch (failure) {
      if (failure instanceof NotAttachedError) return false;
      if (!(failure instanceof MountError) && !(failure instanceof ContainerConfigError)) throw failure;
      this.#warn(`MountVolume.SetUp failed for volume "${volume.name}" : ${failure.message}`);
      return false;
    }
  }

  async #mount(volume: Volume): Promise<MountedVolume> {
    const { node } = this.#options;
    const { name, hostPath, persistentVolumeClaim, emptyDir, image } = volume;
    if (hostPath) {
      const disk = node.volumes.disk(node.name);
      await checkHostPath(disk, hostPath);
      return { volume: disk, folder: hostPath.path.replace(/^\/+/, ''), readOnly: false };
    }
    const claim = claimOf(volume, this.#options.pod());
    if (claim !== undefined) return this.#claimed(claim, persistentVolumeClaim?.readOnly === true);
    if (image) return { volume: await this.#imageVolume(image), readOnly: true };
    if (emptyDir || sourcesOf(volume).length + (volume.downwardAPI ? 1 : 0) + (volume.projected ? 1 : 0) === 0) {
      return { volume: new PodVolume(), readOnly: false };
    }
    // What the API server has put into every Pod is there whenever somebody looks.
    if (name.startsWith('kube-api-access-'))
      return {
        volume: new PodVolume(
          () => this.#files(volume),
          () => this.#generation(),
          fileModes(volume),
        ),
        readOnly: true,
      };
    const published = new PodVolume(await this.#files(volume), () => this.#generation(), fileModes(volume));
    return { volume: published, readOnly: true };
  }

  /** The name of a folder as os.MkdirTemp makes it for the time of now. */
  #generation(): string {
    const { clock, random } = this.#options.node;
    const at = formatTime(clock.now()).slice(0, 19).replaceAll(/[-T:]/g, '_');
    return `..${at}.${randomInt(random, 2 ** 32)}`;
  }

  async #claimed(name: string, readOnly: boolean): Promise<MountedVolume> {
    const { node, pod, signal } = this.#options;
    const claim = await this.#sources().claim(name);
    return { volume: await claimedVolume(claim, { node, pod: pod(), readOnly, signal }), readOnly };
  }

  async #imageVolume({
    reference = '',
    pullPolicy = 'IfNotPresent',
  }: NonNullable<Volume['image']>): Promise<PodVolume> {
    const { node, signal } = this.#options;
    const result = await node.images.ensure(reference, pullPolicy, { signal, onPull: () => undefined });
    if (result.outcome === 'refused') throw new MountError(`${result.reason}: ${result.message}`);
    const files = Object.entries(result.profile.files ?? {});
    return new PodVolume(new Map(files.map(([path, content]) => [path.replace(/^\/+/, ''), content])));
  }

  #files(volume: Volume): Promise<Files> {
    return volumeFiles(volume, this.#sources(), this.#options.facts());
  }

  #sources(): PodSources {
    const { node, pod, signal } = this.#options;
    return new PodSources(node.client, pod().metadata.namespace ?? 'default', signal);
  }

  #warn(message: string): void {
    const { node, pod } = this.#options;
    recordPodEvent(node, pod(), { type: 'Warning', reason: 'FailedMount', message });
  }
}

/** What a Pod's volumes are made of, and may change. */
export type SourceKind = 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim';

/** The claim of a volume that has one; the claim of an ephemeral volume is named after its Pod. */
export function claimOf({ name, persistentVolumeClaim, ephemeral }: Volume, { metadata }: Pod): string | undefined {
  return persistentVolumeClaim?.claimName ?? (ephemeral ? `${metadata.name}-${name}` : undefined);
}

/** The ConfigMaps and Secrets whose content a volume shows. */
export function sourcesOf({ configMap, secret, projected }: Volume): { kind: 'ConfigMap' | 'Secret'; name: string }[] {
  const parts = [{ configMap, secret: secret && { name: secret.secretName } }, ...(projected?.sources ?? [])];
  return parts.flatMap((part) => [
    ...(part.configMap ? [{ kind: 'ConfigMap' as const, name: part.configMap.name ?? '' }] : []),
    ...(part.secret ? [{ kind: 'Secret' as const, name: part.secret.name ?? '' }] : []),
  ]);
}

const subPath = ({ subPath: fixed, subPathExpr }: VolumeMount, env: Readonly<Record<string, string>>) =>
  subPathExpr === undefined ? fixed : expand(subPathExpr, env);

async function checkHostPath(disk: PodVolume, { path, type = '' }: NonNullable<Volume['hostPath']>): Promise<void> {
  if (type === '' || type.endsWith('OrCreate')) return;
  const fs = await disk.fs();
  const found = (await fs.exists(path)) ? await fs.stat(path) : undefined;
  const names: Readonly<Record<string, string>> = {
    Directory: 'a directory',
    File: 'a file',
    Socket: 'a socket file',
    CharDevice: 'a character device',
    BlockDevice: 'a block device',
  };
  const isThat = type === 'Directory' ? found?.isDirectory : found?.isFile;
  if (!isThat) throw new MountError(`hostPath type check failed: ${path} is not ${names[type] ?? type}`);
}

type Files = Map<string, FileContent>;

/** The mode of each file: its own, or that of the volume. */
export function fileModes({ configMap, secret, downwardAPI, projected }: Volume): (path: string) => number {
  const parts = [configMap, secret, downwardAPI];
  const sources = (projected?.sources ?? []).flatMap((source) => [source.configMap, source.secret, source.downwardAPI]);
  const usual = [...parts, projected].find((part) => part?.defaultMode !== undefined)?.defaultMode ?? USUAL_MODE;
  const own = new Map<string, number>();
  for (const part of [...parts, ...sources]) {
    for (const { path, mode } of part?.items ?? []) if (mode !== undefined) own.set(path, mode);
  }
  return (path) => own.get(path) ?? usual;
}

/** Of files of a volume that does not say otherwise. */
const USUAL_MODE = 0o644;

async function volumeFiles(volume: Volume, sources: PodSources, facts: PodFacts): Promise<Files> {
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap) {
    return selected(await sources.configMap(configMap.name ?? '', configMap.optional), {
      ...configMap,
      kind: 'config',
    });
  }
  if (secret) {
    return selected(await sources.secret(secret.secretName ?? '', secret.optional), { ...secret, kind: 'secret' });
  }
  if (downwardAPI) return downwardFiles(downwardAPI.items, facts);
  const files: Files = new Map();
  for (const source of projected?.sources ?? []) {
    const part = await projectedFiles(source, sources, facts);
    for (const [path, content] of part) files.set(path, content);
  }
  return files;
}

type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number];

async function projectedFiles(source: Projection, sources: PodSources, facts: PodFacts): Promise<Files> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (serviceAccountToken) {
    return new Map([[serviceAccountToken.path, await sources.token(facts.pod, serviceAccountToken)]]);
  }
  if (configMap) {
    // The root CA's ConfigMap comes with the namespace, a little later than its first Pod perhaps.
    const optional = configMap.optional ?? configMap.name === 'kube-root-ca.crt';
    return selected(await sources.configMap(configMap.name ?? '', optional), {
      ...configMap,
      optional,
      kind: 'config',
    });
  }
  if (secret) return selected(await sources.secret(secret.name ?? '', secret.optional), { ...secret, kind: 'secret' });
  return downwardAPI ? downwardFiles(downwardAPI.items, facts) : new Map();
}

interface Selection {
  items?: { key: string; path: string }[];
  optional?: boolean;
  kind: 'config' | 'secret';
}

function selected(data: Record<string, Buffer> | undefined, { items, optional, kind }: Selection): Files {
  if (!items) return new Map(Object.entries(data ?? {}));
  const files: Files = new Map();
  for (const { key, path } of items) {
    const content = data?.[key];
    if (content) files.set(path, content);
    else if (!optional)
      throw new MountError(`${kind === 'config' ? 'configmap ' : ''}references non-existent ${kind} key: ${key}`);
  }
  return files;
}

type DownwardItem = NonNullable<NonNullable<Volume['downwardAPI']>['items']>[number];

function downwardFiles(items: readonly DownwardItem[] | undefined, facts: PodFacts): Files {
  const files: Files = new Map();
  for (const { path, fieldRef, resourceFieldRef } of items ?? []) {
    const text = fieldRef
      ? fieldValue(fieldRef.fieldPath, facts)
      : resourceFieldRef
        ? resourceValue(facts, resourceFieldRef)
        : '';
    files.set(path, text);
  }
  return files;
}
