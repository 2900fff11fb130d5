import type { AnyObject } from '#common/kube/object';
import { apiVersionOf } from '#common/kube/resource';
import type { CustomVersion } from '#main/sandbox/custom/custom-kinds';
import { schemaOf, type BuiltInResource, type TypeSchema } from '#main/sandbox/machinery/schema';
import { checkFields, type CheckedFields } from '#main/sandbox/machinery/strict-fields';
import type { Conversion } from '#main/sandbox/registry/conversions';
import type { Registry } from '#main/sandbox/registry/generic';
import { Entry } from '#main/sandbox/store/entry';
import { printerFor } from './tables/printers';
import type { Printer } from './tables/printer';
import type { SelectableKind } from './selectors/field-selector';

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
  readonly #conversion: Conversion | undefined;
  readonly #served = new WeakMap<Entry, Entry>();

  constructor(
    definition: BuiltInResource,
    registry: Registry,
    { conversion, custom }: { conversion?: Conversion | undefined; custom?: CustomVersion } = {},
  ) {
    this.definition = definition;
    this.custom = custom;
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
    return this.#conversion === undefined;
  }

  /** A stored state in this resource's version; made at most once. */
  serve(entry: Entry): Entry {
    if (!this.#conversion) return entry;
    let served = this.#served.get(entry);
    if (!served) {
      served = new Entry(entry.key, entry.revision, this.#conversion.toServed(entry.object));
      this.#served.set(entry, served);
    }
    return served;
  }

  /** A stored object in this resource's version. */
  toServed(object: AnyObject): AnyObject {
    return this.#conversion ? this.#conversion.toServed(object) : object;
  }

  /** An object of this resource's version as the registry stores it. */
  toStored(object: AnyObject): AnyObject {
    return this.#conversion ? this.#conversion.toStored(object) : object;
  }
}
