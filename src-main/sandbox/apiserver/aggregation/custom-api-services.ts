/** Keeps an APIService for every version that CustomResourceDefinitions serve (kube-apiserver's crd registration). */
import type { AnyObject } from '#common/kube/object';
import { apiVersionOf } from '#common/kube/resource';
import { APIServices } from '#common/kube/resources';
import { isConflict, isNotFound } from '#common/kube/status-error';
import type { Registry } from '#main/sandbox/registry/generic';
import type { WriteRequest } from '#main/sandbox/registry/registry-context';
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
    const wanted = new Map(versions().map((one) => [apiServiceName(one), one]));
    const { collection } = registry();
    for (const { object } of collection.list()) {
      const { name, labels } = object.metadata;
      if (labels?.[MANAGED_LABEL] === 'true' && !wanted.has(name)) await this.#remove(name);
    }
    for (const [name, groupVersion] of wanted) if (!collection.get(name)) await this.#create(groupVersion);
  }

  async #create(groupVersion: GroupVersion): Promise<void> {
    const seed = customApiService(groupVersion);
    const draft = { kind: APIServices.kind, apiVersion: apiVersionOf(APIServices), ...seed } as unknown as AnyObject;
    await this.#options.registry().create(draft, REQUEST).catch(unless(isConflict));
  }

  async #remove(name: string): Promise<void> {
    await this.#options.registry().delete(name, {}, REQUEST).catch(unless(isNotFound));
  }

  #failed(problem: unknown): void {
    if (!this.#options.stopping.aborted) this.#options.report(problem);
  }
}

/** Somebody else may be faster. */
function unless(isHarmless: (problem: unknown) => boolean): (problem: unknown) => void {
  return (problem) => {
    if (!isHarmless(problem)) throw problem;
  };
}
