import type { AdmissionCluster, AdmissionPlugin, AdmissionRequest } from './plugin';
import { Reinvocation } from './reinvocation';

/** The plugins in their order: first all that change the object, then all that may only refuse. */
export class AdmissionChain {
  readonly #mutating: AdmissionPlugin[];
  readonly #validating: AdmissionPlugin[];
  readonly #cluster: AdmissionCluster;

  constructor(plugins: readonly AdmissionPlugin[], cluster: AdmissionCluster) {
    this.#mutating = plugins.filter(({ mutate }) => mutate !== undefined);
    this.#validating = plugins.filter(({ validate }) => validate !== undefined);
    this.#cluster = cluster;
  }

  async mutate(request: AdmissionRequest): Promise<void> {
    const reinvocation = new Reinvocation();
    await this.#mutateOnce(request, reinvocation);
    if (!reinvocation.isWanted) return;
    reinvocation.isAgain = true;
    await this.#mutateOnce(request, reinvocation);
  }

  async #mutateOnce(request: AdmissionRequest, reinvocation: Reinvocation): Promise<void> {
    for (const plugin of this.#mutating) {
      const waiting = plugin.mutate?.(request, this.#cluster, reinvocation);
      if (waiting) await waiting;
    }
  }

  async validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#validating) {
      const waiting = plugin.validate?.(request, this.#cluster);
      if (waiting) await waiting;
    }
  }
}
