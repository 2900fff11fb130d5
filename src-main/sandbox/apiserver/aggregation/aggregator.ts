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
import { askBackend, type BackendAnswer, type Question } from './ask-backend';
import { askForEntries, askWhetherItServes, discoveryPath, type DiscoveryEntry } from './backend-discovery';
import { askForOpenApi, type BackendOpenApi } from './backend-open-api';
import { groupVersionsOf, type GroupVersions } from './group-versions';
import type { GroupVersion } from './local-api-services';

/** A version of a group that another server serves. */
export interface AggregatedVersion extends GroupVersion {
  /** Undefined while it does not say. */
  resources: readonly DiscoveryEntry[] | undefined;
  openApi: BackendOpenApi | undefined;
}

/** What APIServices say is served; another object whenever that has changed. */
export interface Listing {
  /** Everything that has an APIService, best first. */
  groups: readonly GroupVersions[];
  /** The versions of other servers. */
  others: readonly AggregatedVersion[];
}

export interface AggregatorOptions extends BackendNetwork {
  clock: Clock;
  stopping: AbortSignal;
  collection(resource: TypedResource<KubeObject>): Collection;
  /** Served by this server all the same: of these, only the Service is looked at. */
  servesItself(groupVersion: GroupVersion): boolean;
  /** Lets the condition of an APIService be written. */
  availabilityChanged(name: string): void;
  /** An APIService came, changed or went. */
  changed(): void;
}

interface Remote {
  apiService: APIService;
  found: Availability | undefined;
  resources: readonly DiscoveryEntry[] | undefined;
  openApi: BackendOpenApi | undefined;
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
  readonly #apiServices = new Map<string, APIService>();
  /** Those with a Service. */
  readonly #remotes = new Map<string, Remote>();
  #listing: Listing | undefined;
  #followed: Disposable[] = [];

  constructor(options: AggregatorOptions) {
    this.#options = options;
    options.stopping.addEventListener('abort', () => this.#rest(), { once: true });
  }

  get isEmpty(): boolean {
    return this.#remotes.size === 0;
  }

  get listing(): Listing {
    this.#listing ??= {
      groups: groupVersionsOf(this.#apiServices.values()),
      others: [...this.#remotes.values()].filter((one) => !this.#servesItself(one)).map(versionOf),
    };
    return this.#listing;
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

  /** The host and port where requests for an APIService go. */
  addressOf(name: string): string {
    const { apiService } = this.#known(name);
    return addressOf(apiService, this.#serviceOf(apiService));
  }

  learn(apiService: APIService): void {
    const { name } = apiService.metadata;
    const before = this.#apiServices.get(name);
    this.#apiServices.set(name, apiService);
    const remote = this.#remotes.get(name);
    if (remote) remote.apiService = apiService;
    if (before && sameValue(before.spec, apiService.spec) && sameLabels(before, apiService)) return;
    this.#listing = undefined;
    this.#options.changed();
    if (!apiService.spec.service) return this.#dropRemote(name);
    this.#schedule(remote ?? this.#newRemote(apiService), 0);
  }

  forget({ metadata }: APIService): void {
    this.#apiServices.delete(metadata.name);
    this.#listing = undefined;
    this.#dropRemote(metadata.name);
    this.#options.changed();
  }

  availability({ metadata }: Readonly<APIService>): Availability | undefined {
    return this.#remotes.get(metadata.name)?.found;
  }

  #newRemote(apiService: APIService): Remote {
    const remote: Remote = {
      apiService,
      found: undefined,
      resources: undefined,
      openApi: undefined,
      failures: 0,
      timer: undefined,
      isChecking: false,
      isOutdated: false,
    };
    this.#remotes.set(apiService.metadata.name, remote);
    this.#follow();
    return remote;
  }

  #dropRemote(name: string): void {
    const remote = this.#remotes.get(name);
    if (!remote) return;
    remote.timer?.[Symbol.dispose]();
    this.#remotes.delete(name);
    if (this.isEmpty) this.#rest();
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
    this.#listing = undefined;
    const delayMs = delayAfter(remote.failures, found);
    if (!this.#servesItself(remote)) this.#schedule(remote, delayMs);
  }

  async #lookAt(remote: Remote): Promise<Availability> {
    const { apiService } = remote;
    const reference = referenceOf(apiService);
    const service = this.#serviceOf(apiService);
    const obstacle = obstacleOf(reference, service, this.#slicesOf(reference));
    if (obstacle) {
      remote.resources = undefined;
      return obstacle;
    }
    if (this.#servesItself(remote)) return PASSED;
    const { group = '', version = '' } = apiService.spec;
    const path = discoveryPath({ group, version });
    const url = `https://${addressOf(apiService, service)}${path}`;
    const deadline = AbortSignal.timeout(CHECK_MS);
    const ask = async (question: Question): Promise<BackendAnswer> => {
      const signal = AbortSignal.any([this.#options.stopping, deadline]);
      return askBackend(await connectBackend(apiService, service, this.#options, signal), question);
    };
    try {
      await askWhetherItServes(ask, path, url);
      remote.resources = await askForEntries(ask, { group, version }).catch(() => undefined);
      remote.openApi = await askForOpenApi(ask).catch(() => remote.openApi);
      return PASSED;
    } catch (problem) {
      remote.resources = undefined;
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

function versionOf({ apiService, resources, openApi }: Remote): AggregatedVersion {
  const { group = '', version = '' } = apiService.spec;
  return { group, version, resources, openApi };
}

function addressOf(apiService: APIService, service: Service | undefined): string {
  const { clusterIP, externalName, type } = service?.spec ?? {};
  return `${type === 'ExternalName' ? externalName : clusterIP}:${referenceOf(apiService).port}`;
}

const sameLabels = (a: APIService, b: APIService): boolean =>
  sameValue(a.metadata.labels ?? {}, b.metadata.labels ?? {});

/** Soon after the first failure, then less and less often; what waits for an object is told when that comes. */
function delayAfter(failures: number, { reason }: Availability): number {
  if (failures === 0 || reason !== 'FailedDiscoveryCheck') return RESYNC_MS;
  return Math.min(RESYNC_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
}
