import { resourceId } from '#common/kube/resource';
import { builtInResources, type BuiltInResource } from '#main/sandbox/machinery/schema';
import { conversions } from '#main/sandbox/registry/conversions';
import { Registry } from '#main/sandbox/registry/generic';
import { allStrategies } from '#main/sandbox/registry/kinds';
import type { RegistryContext } from '#main/sandbox/registry/registry-context';
import { ServedResource } from './served-resource';

/** Groups that are only there when somebody provides what they show. */
const OPTIONAL_GROUPS = new Set(['metrics.k8s.io']);

/** Every resource this server has: stored ones by their registries, all of them for discovery. */
export class Catalogue {
  readonly #served = new Map<string, ServedResource>();
  readonly #registries = new Map<string, Registry>();
  readonly #definitions: BuiltInResource[];

  constructor(context: RegistryContext, options: { metrics: boolean }) {
    this.#definitions = builtInResources().filter(({ group }) => !OPTIONAL_GROUPS.has(group) || options.metrics);
    for (const strategy of allStrategies()) this.#addRegistry(new Registry(strategy, context));
    for (const definition of this.#definitions) this.#serve(definition);
  }

  get definitions(): readonly BuiltInResource[] {
    return this.#definitions;
  }

  find(resource: { group: string; version: string; plural: string }): ServedResource | undefined {
    return this.#served.get(resourceId(resource));
  }

  /** The registry of a stored resource. */
  registry(resource: { group: string; version: string; plural: string }): Registry {
    const registry = this.#registries.get(resourceId(resource));
    if (!registry) throw new Error(`${resourceId(resource)} is not stored`);
    return registry;
  }

  registries(): Iterable<Registry> {
    return this.#registries.values();
  }

  served(): Iterable<ServedResource> {
    return this.#served.values();
  }

  hasGroupVersion(group: string, version: string): boolean {
    return this.#definitions.some((one) => one.group === group && one.version === version);
  }

  #addRegistry(registry: Registry): void {
    this.#registries.set(resourceId(registry.resource), registry);
    // What kinds count beside the store (addresses of Services) is counted from what was read from disk.
    for (const { object } of registry.collection.list()) registry.strategy.afterCreate?.(object);
  }

  #serve(definition: BuiltInResource): void {
    const id = resourceId(definition);
    const conversion = conversions.get(id);
    const registry = this.#registries.get(conversion?.stored ?? id);
    if (registry) this.#served.set(id, new ServedResource(definition, registry, conversion));
  }
}
