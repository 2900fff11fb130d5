/**
 * The order every write follows: place and name, defaults, admission that changes, preparation by the kind, rules,
 * admission that refuses, store. One Registry per stored resource; what a kind adds is in its Strategy.
 */
import type { AnyObject, KubeObject, ObjectKey, ObjectMeta } from '#common/kube/object';
import { apiVersionOf, resourceId, type Resource, type TypedResource } from '#common/kube/resource';
import type { ApiStatusError } from '#common/kube/status-error';
import { applyDefaults } from '#main/sandbox/machinery/defaults/apply-defaults';
import type { FieldWrite } from '#main/sandbox/machinery/managed-fields';
import { schemaOf, type TypeSchema } from '#main/sandbox/machinery/schema';
import type { Collection } from '#main/sandbox/store/collection';
import { Entry, inWireOrder } from '#main/sandbox/store/entry';
import { ABSENT, StaleWrite } from '#main/sandbox/store/store';
import { timeNow } from './creation-time';
import { planDeletion, type DeleteOptions } from './deletion-plan';
import { invalidValue, type FieldError } from './field-errors';
import { FieldOwnership } from './field-ownership';
import { checkCommonUpdate, validateMetadata, validateMetadataUpdate } from './metadata-rules';
import { generatedName } from './names';
import {
  beginGrace,
  beginLife,
  bumpGeneration,
  changesDesiredState,
  continueLife,
  draftOf,
  isNoChange,
  isReleased,
  markAsDeleting,
  markAsLeaving,
  shareUnchanged,
} from './object-state';
import type { AdmissionAttributes, AdmissionOperation, RegistryContext, WriteRequest } from './registry-context';
import { prepareNew, resetFieldsOf, rulesOf, takeOver } from './doors';
import {
  alreadyExists,
  badRequest,
  cannotGenerateName,
  conflict,
  invalid,
  modifiedMeanwhile,
  notFound,
  type NamedResource,
} from './status-errors';
import { reacted } from './reaction';
import { Refused, type Checks, type Strategy, type WriteContext } from './strategy';

const OWN_WRITE = { dryRun: false, user: { name: 'system:apiserver', groups: ['system:masters'] } };
const GENERATED_NAME_TRIES = 8;
const CONFLICT_RETRIES = 5;

/** What a write came to. */
export interface Written {
  entry: Entry;
  created: boolean;
  warnings: string[];
}

export interface Deleted {
  entry: Entry;
  /** False while grace or finalizers still hold it. */
  gone: boolean;
}

/** A state as it is stored, and its object as the registry serves it. */
interface Current {
  entry: Entry;
  object: AnyObject;
}

/** Makes the wanted state from the current one; undefined when there is none. May be called again after a conflict. */
export type Transform = (current: AnyObject | undefined) => AnyObject | Promise<AnyObject>;

export class Registry {
  readonly resource: Resource;
  readonly strategy: Strategy;
  readonly collection: Collection;
  readonly #context: RegistryContext;
  readonly #schema: TypeSchema | undefined;
  readonly #ownership = new FieldOwnership();

  constructor(strategy: Strategy, context: RegistryContext) {
    this.resource = strategy.resource;
    this.strategy = strategy;
    this.#context = context;
    this.#schema = strategy.schema ?? schemaOf(strategy.resource);
    this.collection = context.store.collection(strategy.collection ?? resourceId(strategy.resource));
  }

  keyOf(namespace: string, name: string): ObjectKey {
    return this.resource.namespaced ? `${namespace}/${name}` : name;
  }

  /** As it is stored. Throws NotFound. */
  get(namespace: string, name: string, seenAs: NamedResource = this.resource): Entry {
    const entry = this.collection.get(this.keyOf(namespace, name));
    if (!entry) throw notFound(seenAs, name);
    return entry;
  }

  /** `draft` is a private copy with canonical fields. */
  async create(draft: AnyObject, request: WriteRequest): Promise<Written> {
    const { metadata } = draft;
    this.#place(draft, request);
    applyDefaults(draft, this.resource);
    this.strategy.complete?.(draft);
    await this.#ownFields(undefined, draft, request);
    const attributes = this.#attributes('CREATE', request, { name: metadata.name ?? '', object: draft });
    await this.#context.admission.mutate(attributes);
    // What changes an object does not know the name that it will get.
    if (!metadata.name && metadata.generateName) metadata.name = this.#freeName(metadata.generateName, request);
    attributes.name ||= metadata.name ?? '';
    return this.#createNamed(draft, attributes, request);
  }

  #freeName(prefix: string, { namespace }: WriteRequest): string {
    for (let tries = 1; ; tries++) {
      const name = generatedName(prefix, this.#context.random);
      if (!this.collection.get(this.keyOf(namespace, name))) return name;
      if (tries === GENERATED_NAME_TRIES) throw cannotGenerateName(this.resource, name);
    }
  }

  async #createNamed(draft: AnyObject, attributes: AdmissionAttributes, request: WriteRequest): Promise<Written> {
    const context = this.#writeContext(request);
    beginLife(draft, context);
    if (this.strategy.countsGenerations) draft.metadata.generation = 1;
    this.#prepared(draft, () => prepareNew(this.strategy, draft, context, this.#schema));
    delete (draft.metadata as Partial<KubeObject['metadata']>).resourceVersion;
    this.#refuse(draft, this.#creationErrors(draft, request));
    await this.#context.admission.validate(attributes);
    const entry = await this.#store(await this.#stored(draft), ABSENT, request);
    if (!request.dryRun) {
      this.strategy.afterCreate?.(entry.object);
      this.react(entry.key);
    }
    return { entry, created: true, warnings: this.#warnings(draft, attributes) };
  }

  /**
   * Replaces an object by what `transform` makes of it. Without a resourceVersion in the result, the transform is tried
   * again when somebody else was faster.
   */
  async update(name: string, transform: Transform, request: WriteRequest): Promise<Written> {
    for (let tries = 1; ; tries++) {
      const entry = this.collection.get(this.keyOf(request.namespace, name));
      const current = entry && (await this.#read(entry));
      const draft = await transform(current?.object);
      if (!current) return this.#createOnUpdate(draft, name, request);
      const isBound = !request.isPatch && isRevision(draft.metadata.resourceVersion);
      try {
        return await this.#updateFrom(current, draft, request);
      } catch (problem) {
        if (!(problem instanceof StaleWrite)) throw problem;
        if (isBound || tries > CONFLICT_RETRIES) throw modifiedMeanwhile(this.#seenAs(request), name);
      }
    }
  }

  async #createOnUpdate(draft: AnyObject, name: string, request: WriteRequest): Promise<Written> {
    const creates = request.createsWhenMissing || (this.strategy.createsOnUpdate && !request.isPatch);
    if (!creates || request.subresource) throw notFound(this.#seenAs(request), name);
    if (draft.metadata.uid) {
      const why = `Precondition failed: UID in precondition: ${draft.metadata.uid}, UID in object meta: `;
      throw conflict(this.resource, name, why);
    }
    return this.create(draft, request);
  }

  async #updateFrom(current: Current, draft: AnyObject, request: WriteRequest): Promise<Written> {
    const context = this.#writeContext(request);
    this.#matchRevision(current, draft, request);
    continueLife(draft, current.object);
    shareUnchanged(draft, current.object);
    applyDefaults(draft, this.resource);
    const rules = rulesOf(this.strategy, request.subresource);
    this.#prepared(draft, () => rules.prepare(draft, current.object, context));
    await this.#ownFields(current.object, draft, request);
    const attributes = this.#attributes('UPDATE', request, {
      name: draft.metadata.name,
      object: draft,
      oldObject: current.object,
    });
    await this.#context.admission.mutate(attributes);
    this.#prepared(draft, () => rules.complete?.(draft, current.object, context));
    const counts = this.strategy.countsGenerations && !rules.keepsGeneration;
    if (counts && changesDesiredState(draft, current.object)) bumpGeneration(draft);
    const checks = request.subresource ? undefined : this.#checksOf(request);
    this.#refuse(
      draft,
      checks
        ? this.#updateErrors(checks, draft, current.object)
        : [
            ...validateMetadataUpdate(draft, current.object),
            ...(request.subresource ? [] : validateMetadata(draft, this.strategy.names)),
            ...rules.validate(draft, current.object),
          ],
    );
    await this.#context.admission.validate(attributes);
    const warnings = this.#warnings(draft, attributes, current.object);
    const stored = await this.#stored(draft);
    if (isNoChange(stored, current.entry.object)) return { entry: current.entry, created: false, warnings };
    if (isReleased(draft) && !this.strategy.holdsDeletion?.(draft))
      return { entry: await this.#remove(current.entry, request, stored), created: false, warnings };
    const entry = await this.#store(stored, current.entry.revision, request);
    if (!request.dryRun) {
      this.strategy.afterUpdate?.(entry.object, current.object);
      this.react(entry.key);
    }
    return { entry, created: false, warnings };
  }

  /** Lets the server's own controllers have their say about an object: after it changed, or what it depends on. */
  react(key: ObjectKey): void {
    const { reaction } = this.strategy;
    const current = reaction && this.collection.get(key);
    if (!current) return;
    const context = this.#writeContext(OWN_WRITE);
    const place = { resource: this.resource, schema: this.#schema, ownership: this.#ownership, context };
    const next = reacted(current.object, reaction, place);
    if (!next) return;
    const { object } = this.#context.store.put(this.collection, key, next, current.revision);
    this.strategy.afterUpdate?.(object, current.object);
  }

  #matchRevision(current: Current, draft: AnyObject, request: WriteRequest): void {
    const { metadata } = draft;
    if (metadata.uid && metadata.uid !== current.object.metadata.uid) {
      if (!request.isPatch) throw this.#otherUid(current.object.metadata, metadata.uid);
      throw invalid(this.resource, metadata.name, [invalidValue('metadata.uid', metadata.uid, 'field is immutable')]);
    }
    const isFree = !isRevision(metadata.resourceVersion);
    if (isFree && this.strategy.needsRevision && !request.subresource) {
      const { group, plural } = this.resource;
      throw invalid({ group, kind: plural }, metadata.name, [
        invalidValue('metadata.resourceVersion', 0, 'must be specified for an update'),
      ]);
    }
    if (!isFree && metadata.resourceVersion !== current.object.metadata.resourceVersion) {
      throw modifiedMeanwhile(this.#seenAs(request), metadata.name);
    }
  }

  async delete(name: string, options: DeleteOptions, request: WriteRequest): Promise<Deleted> {
    for (;;) {
      const current = await this.#readAnew(this.get(request.namespace, name, request.served?.definition));
      this.meetPreconditions(current.object, options);
      const attributes = this.#attributes('DELETE', request, { name, oldObject: current.object });
      await this.#context.admission.validate(attributes);
      try {
        return await this.#deleteFrom(current, options, request);
      } catch (problem) {
        if (!(problem instanceof StaleWrite)) throw problem;
      }
    }
  }

  async #deleteFrom(current: Current, options: DeleteOptions, request: WriteRequest): Promise<Deleted> {
    const { strategy } = this;
    const graceSeconds = strategy.graceSeconds?.(current.object, options.gracePeriodSeconds);
    const isHeld = strategy.holdsDeletion?.(current.object) ?? false;
    const plan = planDeletion(current.object, options, {
      garbage: strategy.garbage ?? 'background',
      graceSeconds,
      isHeld,
    });
    const { entry } = current;
    if (plan.step === 'wait') return { entry, gone: false };
    if (plan.step === 'remove') return { entry: await this.#remove(entry, request), gone: true };

    const draft = draftOf(current.object);
    const context = this.#writeContext(request);
    if (strategy.deletesItself) markAsLeaving(draft, context);
    else if (plan.graceSeconds === undefined) markAsDeleting(draft, context);
    else beginGrace(draft, plan.graceSeconds, context);
    if (plan.finalizers.length > 0) draft.metadata.finalizers = plan.finalizers;
    else delete draft.metadata.finalizers;
    strategy.prepareForDelete?.(draft);
    const stored = await this.#stored(draft);
    if (isNoChange(stored, entry.object)) return { entry, gone: false };
    const marked = await this.#store(stored, entry.revision, request);
    if (!request.dryRun) strategy.afterUpdate?.(marked.object, current.object);
    if (!plan.thenRemove) return { entry: marked, gone: false };
    return { entry: await this.#remove(request.dryRun ? entry : marked, request), gone: true };
  }

  /** Throws Conflict. The store below the registry sees to preconditions and knows the kind, not its plural. */
  meetPreconditions({ metadata }: AnyObject, { preconditions }: DeleteOptions): void {
    const { group, kind } = this.resource;
    if (preconditions?.uid && preconditions.uid !== metadata.uid) {
      if (this.strategy.deletesItself) throw this.#otherUid(metadata, preconditions.uid);
      const why = `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
      throw conflict({ group, plural: kind }, metadata.name, why);
    }
    if (preconditions?.resourceVersion && preconditions.resourceVersion !== metadata.resourceVersion) {
      const why = `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
      throw conflict({ group, plural: kind }, metadata.name, why);
    }
  }

  #otherUid({ name, uid }: ObjectMeta, expected: string): ApiStatusError {
    const why = `Precondition failed: UID in precondition: ${expected}, UID in object meta: ${uid}`;
    return conflict(this.resource, name, why);
  }

  async #remove(current: Entry, { dryRun }: WriteRequest, last?: AnyObject): Promise<Entry> {
    if (dryRun) return current;
    const entry = this.#context.store.delete(this.collection, current.key, current.revision, last);
    this.strategy.afterDelete?.(entry.object);
    await this.#context.store.settled(this.collection);
    return entry;
  }

  /** Who is not asked is not waited for, so that writes of built-in kinds take no turn more. */
  #read(entry: Entry): Current | Promise<Current> {
    const { form } = this.strategy;
    if (!form) return { entry, object: entry.object };
    return this.#currentOf(entry, form.read(entry));
  }

  /** As a deletion reads, which believes nothing that was converted before. */
  #readAnew(entry: Entry): Current | Promise<Current> {
    const { form } = this.strategy;
    if (!form) return { entry, object: entry.object };
    return this.#currentOf(entry, form.isAsked ? form.readAnew(entry) : form.read(entry));
  }

  async #currentOf(entry: Entry, served: Entry | Promise<Entry>): Promise<Current> {
    return { entry, object: (await served).object };
  }

  /** A draft in the form in which it is stored. */
  #stored(draft: AnyObject): AnyObject | Promise<AnyObject> {
    draft.apiVersion = apiVersionOf(this.resource);
    draft.kind = this.resource.kind;
    return this.strategy.form ? this.strategy.form.write(draft) : draft;
  }

  /** Errors name the resource as the request does. */
  #seenAs({ served }: WriteRequest): NamedResource {
    return served?.definition ?? this.resource;
  }

  async #store(draft: AnyObject, expected: number, request: WriteRequest): Promise<Entry> {
    const { store } = this.#context;
    const key = this.keyOf(draft.metadata.namespace ?? '', draft.metadata.name);
    if (request.dryRun) {
      if (expected === ABSENT && this.collection.get(key))
        throw alreadyExists(this.#seenAs(request), draft.metadata.name);
      return new Entry(key, expected, inWireOrder(draft));
    }
    try {
      const entry = store.put(this.collection, key, draft, expected);
      await store.settled(this.collection);
      return entry;
    } catch (problem) {
      // Two creations of one name met between the look and the write.
      if (problem instanceof StaleWrite && expected === ABSENT)
        throw alreadyExists(this.#seenAs(request), draft.metadata.name);
      throw problem;
    }
  }

  /** The namespace of the path is the object's; they may not contradict each other. */
  #place({ metadata }: AnyObject, { namespace }: WriteRequest): void {
    if (!this.resource.namespaced) {
      delete metadata.namespace;
      return;
    }
    if (!namespace) throw badRequest('an empty namespace may not be set during creation');
    if (metadata.namespace && metadata.namespace !== namespace) {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
    }
    metadata.namespace = namespace;
  }

  #prepared(draft: AnyObject, prepare: () => void): void {
    try {
      prepare();
    } catch (problem) {
      if (problem instanceof Refused) throw invalid(this.resource, draft.metadata.name ?? '', problem.fieldErrors);
      throw problem;
    }
  }

  #refuse(draft: AnyObject, errors: readonly FieldError[]): void {
    if (errors.length > 0) throw invalid(this.resource, draft.metadata.name ?? '', errors);
  }

  /** At once, unless fields are owned in versions that somebody has to be asked for. */
  #ownFields(current: AnyObject | undefined, draft: AnyObject, request: WriteRequest): void | Promise<void> {
    const schema = request.served ? request.served.schema : this.#schema;
    if (!schema || request.bringsManagedFields) return;
    const seen = (object: AnyObject) => (request.served ? { ...request.served.toServed(object) } : object);
    const next = seen(draft);
    const write: FieldWrite = {
      manager: request.fieldManager,
      apiVersion: apiVersionOf(request.served?.definition ?? this.resource),
      subresource: request.ownedThrough ?? request.subresource,
      time: request.ownedThrough ? undefined : timeNow(this.#context.clock),
      schema,
      resetFields: this.strategy.resets?.[request.subresource] ?? resetFieldsOf(request.subresource),
    };
    const { form } = this.strategy;
    if (form && current) return this.#ownership.recordAcross(current, next, write, form.versions);
    this.#ownership.record(current && seen(current), next, write);
    if (next !== draft) takeOver(draft.metadata, next.metadata, 'managedFields');
  }

  #checksOf({ served }: WriteRequest): Checks<AnyObject> | undefined {
    const { checks, servedChecks } = this.strategy;
    return served && servedChecks ? (servedChecks[served.definition.group] ?? checks) : checks;
  }

  #creationErrors(draft: AnyObject, request: WriteRequest): FieldError[] {
    const { names, validate } = this.strategy;
    const checks = this.#checksOf(request);
    if (!checks) return [...validateMetadata(draft, names), ...(validate?.(draft) ?? [])];
    const errors: FieldError[] = [];
    checks.create(draft, errors);
    return errors;
  }

  /** What every update minds comes first, even where the kind minds it once more. */
  #updateErrors(checks: Checks<AnyObject>, draft: AnyObject, current: AnyObject): FieldError[] {
    const errors: FieldError[] = [];
    checkCommonUpdate(draft.metadata, current.metadata, errors);
    checks.update(draft, current, errors);
    return errors;
  }

  #warnings(draft: AnyObject, { warnings, subresource }: AdmissionAttributes, before?: AnyObject): string[] {
    const own = this.#ownWarnings(draft, subresource, before);
    return warnings.length > 0 ? [...own, ...warnings] : own;
  }

  #ownWarnings(draft: AnyObject, subresource: string, before: AnyObject | undefined): string[] {
    if (subresource === '' || !before) return this.strategy.warnings?.(draft, before) ?? [];
    return this.strategy.subresources?.[subresource]?.warnings?.(draft, before) ?? [];
  }

  #attributes(
    operation: AdmissionOperation,
    { user, dryRun, subresource, namespace, served }: WriteRequest,
    objects: Pick<AdmissionAttributes, 'name' | 'object' | 'oldObject'>,
  ): AdmissionAttributes {
    const { group, version, plural, kind } = this.resource;
    const place = { group, version, plural, kind, subresource, namespace };
    const requested = served ? { requested: { ...served.definition, kind } } : {};
    const versions = this.strategy.form ? { versions: this.strategy.form.versions } : {};
    return { operation, ...place, ...requested, ...versions, user, dryRun, warnings: [], ...objects };
  }

  #writeContext({ dryRun, user }: Pick<WriteRequest, 'dryRun' | 'user'>): WriteContext {
    const { clock, random, store } = this.#context;
    return {
      clock,
      random,
      dryRun,
      user,
      lookUp: <T extends KubeObject>(resource: TypedResource<T>, key: string) =>
        store.collection(resourceId(resource)).get(key)?.object as T | undefined,
    };
  }
}

/** A PUT that names no revision, or revision 0, does not mind what it overwrites. */
function isRevision(resourceVersion: string | undefined): boolean {
  return resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== '0';
}
