import { setMaxListeners } from 'node:events';
import type { CustomResourceDefinition } from '#common/kube/types';
import { CustomResourceDefinitions, FlowSchemas } from '#common/kube/resources';
import { resourceId, type Resource } from '#common/kube/resource';
import { cleanUp, guardedAdmission } from '#main/sandbox/custom/cleanup';
import { compareVersions, customKinds } from '#main/sandbox/custom/custom-kinds';
import { definitionStrategy } from '#main/sandbox/custom/definition-strategy';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { builtInResources, type BuiltInResource } from '#main/sandbox/machinery/schema';
import type { ApiServiceListener } from '#main/sandbox/registry/apiregistration/apiservice';
import { conversions } from '#main/sandbox/registry/conversions';
import { Registry } from '#main/sandbox/registry/generic';
import { allStrategies } from '#main/sandbox/registry/kinds';
import type { ServiceRange } from '#main/sandbox/registry/core/service-range';
import type { RegistryContext } from '#main/sandbox/registry/registry-context';
import type { ServiceDialer } from '#main/sandbox/webhooks/webhook-client';
import { ServedResource } from './served-resource';
import { NAME } from './tables/column';

/** Groups that are only there when somebody provides what they show. */
const OPTIONAL_GROUPS = new Set(['metrics.k8s.io']);

export interface CatalogueOptions {
  metrics: boolean;
  serviceRange: ServiceRange;
  apiServices: ApiServiceListener;
  /** Reaches conversion webhooks behind Services of the cluster. */
  services: ServiceDialer | undefined;
  /** Custom resources came, changed or went. */
  definitionsChanged(): void;
}

/** A definition with what is served of it. */
interface ServedDefinition {
  /** Its latest state. */
  definition: CustomResourceDefinition;
  /** Of the version that is stored. */
  registry: Registry;
  served: ServedResource[];
  /** Aborts when something else takes its place. */
  replaced: AbortController;
}

/** Every resource this server has: stored ones by their registries, all of them for discovery. */
export class Catalogue {
  readonly #served = new Map<string, ServedResource>();
  readonly #registries = new Map<string, Registry>();
  readonly #builtIn: readonly BuiltInResource[];
  readonly #context: RegistryContext;
  /** Custom resources by the names of their definitions. */
  readonly #custom = new Map<string, ServedDefinition>();
  readonly #leaving = new Set<string>();
  #definitions: readonly BuiltInResource[];
  readonly #definitionsChanged: () => void;
  readonly #dialer: ServiceDialer | undefined;

  constructor(context: RegistryContext, options: CatalogueOptions) {
    this.#context = context;
    this.#definitionsChanged = options.definitionsChanged;
    this.#dialer = options.services;
    this.#builtIn = builtInResources().filter(({ group }) => !OPTIONAL_GROUPS.has(group) || options.metrics);
    this.#definitions = this.#builtIn;
    const definitions = definitionStrategy(context.clock, {
      defined: (definition) => this.#define(definition),
      withdrawn: (definition) => this.#withdraw(definition),
    });
    const reactions = { priorityLevelsChanged: () => this.#reactAll(FlowSchemas) };
    for (const strategy of allStrategies({ ...options, ...reactions })) {
      const isDefinition = resourceId(strategy.resource) === resourceId(CustomResourceDefinitions);
      this.#addRegistry(new Registry(isDefinition ? definitions : strategy, context));
    }
    for (const definition of this.#builtIn) this.#serve(definition);
  }

  /** Built-in resources, then custom ones; another array whenever something has changed. */
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

  /** Whether a definition that is served was declared by a CustomResourceDefinition. */
  isCustom(definition: BuiltInResource): boolean {
    return this.find(definition)?.custom !== undefined;
  }

  /** Whether the release itself serves it, which nobody can take over. */
  isBuiltIn(group: string, version: string): boolean {
    return this.#builtIn.some((one) => one.group === group && one.version === version);
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

  /** What objects depend on has changed. Before every registry is there, nothing is to be told yet. */
  #reactAll(resource: Resource): void {
    const registry = this.#registries.get(resourceId(resource));
    for (const { key } of registry?.collection.list() ?? []) registry?.react(key);
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
    if (registry) this.#served.set(id, new ServedResource(definition, registry, { conversion }));
  }

  /** Serves what a definition declares now, in place of what it declared before. */
  #define(definition: CustomResourceDefinition): void {
    const { name, deletionTimestamp } = definition.metadata;
    const known = this.#custom.get(name);
    const current = known && declaresTheSame(known.definition, definition) ? known : this.#defineAnew(definition);
    if (!current) return;
    current.definition = definition;
    if (deletionTimestamp) this.#cleanUp(definition, current.registry);
  }

  /** Undefined while the definition is not established. */
  #defineAnew(definition: CustomResourceDefinition): ServedDefinition | undefined {
    const kinds = customKinds(definition, { nameColumn: NAME, dialer: this.#dialer });
    if (!kinds) return undefined;
    this.#forget(kinds.name);
    const admission = guardedAdmission(this.#context.admission, () => {
      return this.#custom.get(kinds.name)?.definition.metadata.deletionTimestamp !== undefined;
    });
    const context = { ...this.#context, admission };
    const registry = new Registry(kinds.stored, context);
    const replaced = new AbortController();
    // Every watch listens for the end.
    setMaxListeners(0, replaced.signal);
    const served = kinds.versions.map((custom) => {
      const own = custom.strategy === kinds.stored ? registry : new Registry(custom.strategy, context);
      return new ServedResource(custom.definition, own, { custom, replaced: replaced.signal });
    });
    const made: ServedDefinition = { definition, registry, served, replaced };
    this.#custom.set(kinds.name, made);
    this.#registries.set(resourceId(registry.resource), registry);
    for (const one of served) this.#served.set(resourceId(one.definition), one);
    this.#relist();
    return made;
  }

  #cleanUp(definition: CustomResourceDefinition, instances: Registry): void {
    const { name } = definition.metadata;
    if (this.#leaving.has(name)) return;
    this.#leaving.add(name);
    // The write that began the deletion is answered first.
    setImmediate(() => {
      const definitions = this.registry(CustomResourceDefinitions);
      // Where it does not succeed the definition stays, and is looked at again when it changes.
      const settled = () => this.#leaving.delete(name);
      cleanUp(definition, { definitions, instances }).then(settled, settled);
    });
  }

  #withdraw({ metadata, spec }: CustomResourceDefinition): void {
    this.#forget(metadata.name);
    this.#relist();
    // Others of the group may have waited for its names.
    const definitions = this.registry(CustomResourceDefinitions);
    for (const { key, object } of definitions.collection.list()) {
      if ((object as unknown as CustomResourceDefinition).spec.group === spec.group) definitions.react(key);
    }
  }

  #forget(name: string): void {
    const known = this.#custom.get(name);
    if (!known) return;
    this.#custom.delete(name);
    known.replaced.abort();
    this.#registries.delete(resourceId(known.registry.resource));
    for (const one of known.served) this.#served.delete(resourceId(one.definition));
  }

  #relist(): void {
    const custom = [...this.#custom.values()].flatMap(({ served }) => served.map(({ definition }) => definition));
    this.#definitions = [...this.#builtIn, ...custom.sort(inDiscovery)];
    this.#definitionsChanged();
  }
}

/** What is told of a definition changes more often than what it declares. */
function declaresTheSame(left: CustomResourceDefinition, right: CustomResourceDefinition): boolean {
  const [before, after] = [left, right].map(({ status }) => status?.acceptedNames);
  return left.metadata.uid === right.metadata.uid && sameValue(left.spec, right.spec) && sameValue(before, after);
}

function inDiscovery(left: BuiltInResource, right: BuiltInResource): number {
  if (left.group !== right.group) return left.group < right.group ? -1 : 1;
  return compareVersions(left.version, right.version) || (left.plural < right.plural ? -1 : 1);
}
