/**
 * The servers behind APIServices: which versions they answer for, whether they do, and what they serve. They are looked
 * at when their APIService, Service or endpoints change, and again from time to time; where there are none, nothing runs.
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import { EndpointSlices, Services } from '#common/kube/resources';
import type { TypedResource } from '#common/kube/resource';
import type { KubeObject } from '#common/kube/object';
import type { APIService, EndpointSlice, Service } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import type { ApiServiceListener, Availability } from '#main/sandbox/registry/apiregistration/apiservice';
import type { Collection } from '#main/sandbox/store/collection';
import { failedDiscovery, isAvailable, obstacleOf, PASSED, referenceOf } from './availability';
import { connectBackend, type BackendNetwork } from './backend';
import { askForResources, discoveryPath, type ListedResource } from './backend-discovery';
import type { GroupVersion } from './local-api-services';

/** A version of a group in discovery. */
export interface AggregatedVersion extends GroupVersion {
  groupPriority: number;
  versionPriority: number;
  resources: readonly ListedResource[];
  /** The server has answered when it was asked last. */
  isCurrent: boolean;
}

export interface AggregatorOptions extends BackendNetwork {
  clock: Clock;
  stopping: AbortSignal;
  collection(resource: TypedResource<KubeObject>): Collection;
  /** Served by this server all the same: of these, only the Service is looked at. */
  servesItself(groupVersion: GroupVersion): boolean;
  /** Lets the condition of an APIService be written. */
  availabilityChanged(name: string): void;
  /** An APIService is gone. */
  forgotten(): void;
}

interface Remote {
  apiService: APIService;
  found: Availability | undefined;
  resources: readonly ListedResource[];
  failures: number;
  timer: Disposable | undefined;
  isChecking: boolean;
  /** Something has changed while it was looked at. */
  isOutdated: boolean;
}

const CHECK_MS = 5000;
const RESYNC_MS = 30_000;
const FIRST_RETRY_MS = 100;
const SERVICE_LABEL = 'kubernetes.io/service-name';

export class Aggregator implements ApiServiceListener {
  readonly #options: AggregatorOptions;
  readonly #remotes = new Map<string, Remote>();
  #served: readonly AggregatedVersion[] = [];
  #isListed = true;
  #followed: Disposable[] = [];

  constructor(options: AggregatorOptions) {
    this.#options = options;
    options.stopping.addEventListener('abort', () => this.#rest(), { once: true });
  }

  get isEmpty(): boolean {
    return this.#remotes.size === 0;
  }

  /** The versions of others, best first; another array whenever something has changed. */
  get served(): readonly AggregatedVersion[] {
    if (!this.#isListed) {
      this.#isListed = true;
      const next = [...this.#remotes.values()].filter((one) => !this.#servesItself(one)).map(versionOf);
      const best = next.toSorted((a, b) => b.groupPriority - a.groupPriority || b.versionPriority - a.versionPriority);
      if (!sameValue(best, this.#served)) this.#served = best;
    }
    return this.#served;
  }

  /** Whether requests for the version of an APIService go to another server. */
  isBehind(name: string): boolean {
    const remote = this.#remotes.get(name);
    return remote !== undefined && !this.#servesItself(remote);
  }

  isAvailable(name: string): boolean {
    const remote = this.#remotes.get(name);
    return remote !== undefined && isAvailable(remote.apiService);
  }

  /** Rejects with words like Go's packages have them, or Unresolved. */
  async connect(name: string, signal: AbortSignal): Promise<Duplex> {
    const { apiService } = this.#known(name);
    return connectBackend(apiService, this.#serviceOf(apiService), this.#options, signal);
  }

  learn(apiService: APIService): void {
    const { name } = apiService.metadata;
    if (!apiService.spec.service) return this.#drop(name);
    const known = this.#remotes.get(name);
    if (known) {
      const before = known.apiService.spec;
      known.apiService = apiService;
      if (sameValue(before, apiService.spec)) return;
      known.resources = [];
      this.#schedule(known, 0);
    } else {
      const remote: Remote = {
        apiService,
        found: undefined,
        resources: [],
        failures: 0,
        timer: undefined,
        isChecking: false,
        isOutdated: false,
      };
      this.#remotes.set(name, remote);
      this.#schedule(remote, 0);
      this.#follow();
    }
    this.#isListed = false;
  }

  forget({ metadata }: APIService): void {
    this.#drop(metadata.name);
    this.#options.forgotten();
  }

  availability({ metadata }: Readonly<APIService>): Availability | undefined {
    return this.#remotes.get(metadata.name)?.found;
  }

  #drop(name: string): void {
    const remote = this.#remotes.get(name);
    if (!remote) return;
    remote.timer?.[Symbol.dispose]();
    this.#remotes.delete(name);
    if (this.isEmpty) this.#rest();
    this.#isListed = false;
  }

  #known(name: string): Remote {
    const remote = this.#remotes.get(name);
    if (!remote) throw new Error(`${name} is not known`);
    return remote;
  }

  #servesItself({ apiService }: Remote): boolean {
    const { group = '', version = '' } = apiService.spec;
    return group === '' || this.#options.servesItself({ group, version });
  }

  #schedule(remote: Remote, delayMs: number): void {
    remote.timer?.[Symbol.dispose]();
    if (this.#options.stopping.aborted) return;
    remote.timer = this.#options.clock.after(delayMs, () => void this.#check(remote));
  }

  async #check(remote: Remote): Promise<void> {
    if (remote.isChecking) {
      remote.isOutdated = true;
      return;
    }
    remote.isChecking = true;
    remote.isOutdated = false;
    const { apiService } = remote;
    const found = await this.#lookAt(remote);
    remote.isChecking = false;
    if (this.#remotes.get(apiService.metadata.name) !== remote || this.#options.stopping.aborted) return;
    if (remote.isOutdated || !sameValue(remote.apiService.spec, apiService.spec)) return this.#schedule(remote, 0);
    remote.failures = found.status === 'True' ? 0 : remote.failures + 1;
    remote.found = found;
    this.#options.availabilityChanged(apiService.metadata.name);
    this.#isListed = false;
    const delayMs = delayAfter(remote.failures, found);
    if (!this.#servesItself(remote)) this.#schedule(remote, delayMs);
  }

  async #lookAt(remote: Remote): Promise<Availability> {
    const { apiService } = remote;
    const reference = referenceOf(apiService);
    const service = this.#serviceOf(apiService);
    const obstacle = obstacleOf(reference, service, this.#slicesOf(reference));
    if (obstacle) return obstacle;
    if (this.#servesItself(remote)) return PASSED;
    const { group = '', version = '' } = apiService.spec;
    const path = discoveryPath({ group, version });
    const { clusterIP, externalName, type } = service?.spec ?? {};
    const url = `https://${type === 'ExternalName' ? externalName : clusterIP}:${reference.port}${path}`;
    const signal = AbortSignal.any([this.#options.stopping, AbortSignal.timeout(CHECK_MS)]);
    try {
      const connection = await connectBackend(apiService, service, this.#options, signal);
      remote.resources = await askForResources(connection, path, url);
      return PASSED;
    } catch (problem) {
      const text = messageOf(problem);
      const why = text.startsWith('bad status') ? text : `Get ${JSON.stringify(url)}: ${text}`;
      return failedDiscovery(`failing or missing response from ${url}: ${why}`);
    }
  }

  #serviceOf(apiService: APIService): Service | undefined {
    const { namespace, name } = referenceOf(apiService);
    const entry = this.#options.collection(Services).get(`${namespace}/${name}`);
    return entry?.object as unknown as Service | undefined;
  }

  #slicesOf({ namespace, name }: { namespace: string; name: string }): EndpointSlice[] {
    const range = { from: `${namespace}/`, to: `${namespace}0` };
    const slices = this.#options.collection(EndpointSlices).list(range);
    return slices
      .map(({ object }) => object as unknown as EndpointSlice)
      .filter(({ metadata }) => metadata.labels?.[SERVICE_LABEL] === name);
  }

  #follow(): void {
    if (this.#followed.length > 0 || this.#options.stopping.aborted) return;
    const isService = ({ metadata }: KubeObject): string => metadata.name;
    const ofService = ({ metadata }: KubeObject): string => metadata.labels?.[SERVICE_LABEL] ?? '';
    this.#followed = [this.#followOne(Services, isService), this.#followOne(EndpointSlices, ofService)];
  }

  #followOne(resource: TypedResource<KubeObject>, nameOf: (object: KubeObject) => string): Disposable {
    const collection = this.#options.collection(resource);
    const watcher = collection.watch({ from: '', to: '\uffff' }, collection.compacted);
    // What happened before is in the first look.
    watcher.take();
    const read = async (): Promise<void> => {
      while (!watcher.ended) {
        await watcher.ready();
        for (const { entry } of watcher.take()) this.#changed(entry.object.metadata.namespace, nameOf(entry.object));
      }
    };
    void read();
    return watcher;
  }

  #changed(namespace: string | undefined, name: string): void {
    for (const remote of this.#remotes.values()) {
      const reference = referenceOf(remote.apiService);
      if (reference.namespace === namespace && reference.name === name) this.#schedule(remote, 0);
    }
  }

  #rest(): void {
    for (const one of this.#followed) one[Symbol.dispose]();
    this.#followed = [];
    for (const { timer } of this.#remotes.values()) timer?.[Symbol.dispose]();
  }
}

function versionOf({ apiService, found, resources }: Remote): AggregatedVersion {
  const { group = '', version = '', groupPriorityMinimum, versionPriority } = apiService.spec;
  const isCurrent = found?.status === 'True';
  return { group, version, groupPriority: groupPriorityMinimum, versionPriority, resources, isCurrent };
}

/** Soon after the first failure, then less and less often; what waits for an object is told when that comes. */
function delayAfter(failures: number, { reason }: Availability): number {
  if (failures === 0 || reason !== 'FailedDiscoveryCheck') return RESYNC_MS;
  return Math.min(RESYNC_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
}
