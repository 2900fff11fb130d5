/**
 * Keeps an APIService for every version that CustomResourceDefinitions serve as it should be, unless somebody takes its label
 * away (kube-apiserver's crd registration and kube-aggregator's autoregister).
 */
import type { AnyObject } from '#common/kube/object';
import { apiVersionOf } from '#common/kube/resource';
import { APIServices } from '#common/kube/resources';
import { isConflict, isNotFound } from '#common/kube/status-error';
import type { Registry } from '#main/sandbox/registry/generic';
import type { WriteRequest } from '#main/sandbox/registry/registry-context';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { draftOf } from '#main/sandbox/registry/object-state';
import { notFound } from '#main/sandbox/registry/status-errors';
import type { Seed } from '../bootstrap/seed';
import { apiServiceName, customApiService, MANAGED_LABEL, type GroupVersion } from './local-api-services';

export interface CustomApiServicesOptions {
  registry(): Registry;
  /** The versions that are served now. */
  versions(): readonly GroupVersion[];
  stopping: AbortSignal;
  report(problem: unknown): void;
}

const REQUEST: WriteRequest = {
  user: { name: 'system:apiserver', groups: ['system:masters'] },
  dryRun: false,
  fieldManager: 'kube-apiserver',
  subresource: '',
  namespace: '',
};

export class CustomApiServices {
  readonly #options: CustomApiServicesOptions;
  #isAsked = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: CustomApiServicesOptions) {
    this.#options = options;
  }

  /** Definitions or APIServices have changed; the write that did it is answered first. */
  changed(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    setImmediate(() => {
      this.#isAsked = false;
      this.#running = this.#running.then(() => this.#sync()).catch((problem: unknown) => this.#failed(problem));
    });
  }

  async #sync(): Promise<void> {
    const { registry, versions, stopping } = this.#options;
    if (stopping.aborted) return;
    const wanted = new Map(versions().map((one) => [apiServiceName(one), customApiService(one)]));
    const { collection } = registry();
    for (const { object } of collection.list()) {
      const { name, labels } = object.metadata;
      if (labels?.[MANAGED_LABEL] !== 'true') continue;
      const seed = wanted.get(name);
      if (!seed) await this.#remove(name);
      else if (!sameValue(object['spec'], seed['spec'])) await this.#restore(name, seed);
    }
    for (const [name, seed] of wanted) if (!collection.get(name)) await this.#create(seed);
  }

  async #create(seed: Seed): Promise<void> {
    const draft = { kind: APIServices.kind, apiVersion: apiVersionOf(APIServices), ...seed } as unknown as AnyObject;
    await this.#options.registry().create(draft, REQUEST).catch(unless(isConflict));
  }

  /** Everything but the spec stays. */
  async #restore(name: string, { spec }: Seed): Promise<void> {
    const restored = (current: AnyObject | undefined): AnyObject => {
      if (!current) throw notFound(APIServices, name);
      return { ...draftOf(current), spec };
    };
    const request = { ...REQUEST, name };
    await this.#options.registry().update(name, restored, request).catch(unless(isNotFound, isConflict));
  }

  async #remove(name: string): Promise<void> {
    await this.#options.registry().delete(name, {}, REQUEST).catch(unless(isNotFound));
  }

  #failed(problem: unknown): void {
    if (!this.#options.stopping.aborted) this.#options.report(problem);
  }
}

/** Somebody else may be faster. */
function unless(...harmless: readonly ((problem: unknown) => boolean)[]): (problem: unknown) => void {
  return (problem) => {
    if (!harmless.some((isHarmless) => isHarmless(problem))) throw problem;
  };
}
