import type { AnyObject } from '#common/kube/object';
import { apiVersionOf } from '#common/kube/resource';
import type { CustomVersion } from '#main/sandbox/custom/custom-kinds';
import { schemaOf, type BuiltInResource, type TypeSchema } from '#main/sandbox/machinery/schema';
import { checkFields, type CheckedFields } from '#main/sandbox/machinery/strict-fields';
import type { Conversion } from '#main/sandbox/registry/conversions';
import type { Registry } from '#main/sandbox/registry/generic';
import { readAll, type StoredForm } from '#main/sandbox/registry/stored-form';
import { Entry } from '#main/sandbox/store/entry';
import { StoreEvent } from '#main/sandbox/store/store-event';
import { after } from './after';
import { printerFor } from './tables/printers';
import type { Printer } from './tables/printer';
import type { SelectableKind } from './selectors/field-selector';

export interface ServedOptions {
  conversion?: Conversion | undefined;
  custom?: CustomVersion;
  replaced?: AbortSignal;
}

/** A resource as one group and version serve it, over the registry that stores it. */
export class ServedResource {
  readonly definition: BuiltInResource;
  readonly schema: TypeSchema | undefined;
  readonly registry: Registry;
  readonly printer: Printer;
  readonly selectable: SelectableKind;
  readonly apiVersion: string;
  /** Set for custom resources. */
  readonly custom: CustomVersion | undefined;
  /** Aborts when a changed definition takes the place of this one; never for the release's own resources. */
  readonly replaced: AbortSignal | undefined;
  readonly #conversion: Conversion | undefined;
  readonly #served = new WeakMap<Entry, Entry>();

  constructor(definition: BuiltInResource, registry: Registry, { conversion, custom, replaced }: ServedOptions = {}) {
    this.definition = definition;
    this.custom = custom;
    this.replaced = replaced;
    this.schema = custom?.schema ?? schemaOf(definition);
    this.registry = registry;
    this.printer = custom?.printer ?? printerFor(definition);
    this.apiVersion = apiVersionOf(definition);
    this.#conversion = conversion;
    this.selectable = {
      fieldLabels: definition.fieldLabels,
      hasOwnLabels: definition.ownFieldLabels ?? false,
      kind: definition.kind,
      values: conversion?.selectableFields ?? registry.strategy.selectableFields,
    };
  }

  /** A decoded object with canonical fields; those that are not known are told. */
  read(object: Record<string, unknown>): CheckedFields {
    if (this.custom) return this.custom.read(object);
    return this.schema ? checkFields(object, this.schema) : { object, unknown: [] };
  }

  /** Whether entries go out as they are stored. */
  get isStoredVersion(): boolean {
    return this.#conversion === undefined && this.#form === undefined;
  }

  /** Whether somebody else is asked for states in this version, and may not answer. */
  get isAsked(): boolean {
    return this.#form?.isAsked ?? false;
  }

  get #form(): StoredForm | undefined {
    return this.registry.strategy.form;
  }

  /** A stored state in this resource's version; made at most once. Throws, or rejects with, ApiStatusError. */
  serve(entry: Entry): Entry | Promise<Entry> {
    return this.#form ? this.#form.read(entry) : this.#converted(entry);
  }

  /** The same for who asks for this one: whoever converts it is asked again. */
  serveAnew(entry: Entry): Entry | Promise<Entry> {
    return this.#form?.isAsked ? this.#form.readAnew(entry) : this.serve(entry);
  }

  /** Stored states in this resource's version; at once unless somebody else is asked. */
  serveAll(entries: readonly Entry[]): readonly Entry[] | Promise<readonly Entry[]> {
    if (this.#form) return readAll(this.#form, entries);
    return this.#conversion ? entries.map((entry) => this.#converted(entry)) : entries;
  }

  /** What happened to stored states, as it looks in this resource's version. Without `withPrevious` nobody looks back. */
  serveEvents(
    events: readonly StoreEvent[],
    { withPrevious }: { withPrevious: boolean },
  ): readonly StoreEvent[] | Promise<readonly StoreEvent[]> {
    if (this.isStoredVersion) return events;
    const before = ({ previous }: StoreEvent): Entry[] => (withPrevious && previous ? [previous] : []);
    return after(this.serveAll(events.flatMap((event) => [event.entry, ...before(event)])), (served) => {
      const states = served.values();
      return events.map((event) => {
        const entry = states.next().value ?? event.entry;
        return new StoreEvent(event.type, entry, before(event).length > 0 ? states.next().value : undefined);
      });
    });
  }

  #converted(entry: Entry): Entry {
    if (!this.#conversion) return entry;
    let served = this.#served.get(entry);
    if (!served) {
      served = new Entry(entry.key, entry.revision, this.#conversion.toServed(entry.object));
      this.#served.set(entry, served);
    }
    return served;
  }

  /** An object of the registry in this resource's version. */
  toServed(object: AnyObject): AnyObject {
    return this.#conversion ? this.#conversion.toServed(object) : object;
  }

  /** An object of this resource's version as the registry takes it. */
  toStored(object: AnyObject): AnyObject {
    return this.#conversion ? this.#conversion.toStored(object) : object;
  }

  /** Who writes in another version than the registry's. */
  get writtenAs(): this | undefined {
    return this.#conversion ? this : undefined;
  }
}
