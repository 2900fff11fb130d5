import type { AdmissionCluster, AdmissionPlugin, AdmissionRequest } from './plugin';

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
    for (const plugin of this.#mutating) {
      const waiting = plugin.mutate?.(request, this.#cluster);
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
