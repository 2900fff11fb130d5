/**
 * What is known about the fields of a kind: their JSON types, how Go would leave them out, how patches and server-side
 * apply merge them, and their protobuf numbers. Built-in kinds come from the release's table; a custom resource's
 * structural schema can be told in the same words.
 */
import { builtInTypes } from './schema-table';

export interface Gvk {
  group: string;
  version: string;
  kind: string;
}

/** The version in the id of a collection that holds objects of several. */
export const ANY_VERSION = '*';

export type ScalarName =
  | 'string'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'double'
  | 'bytes'
  | 'time'
  | 'microtime'
  | 'duration'
  | 'quantity'
  | 'intstr'
  /** Any JSON object (runtime.RawExtension). */
  | 'raw'
  | 'fieldsv1'
  /** Any JSON value. */
  | 'json'
  | 'schemaorarray'
  | 'schemaorbool'
  | 'schemaorstrings';

export interface ScalarSchema {
  readonly shape: 'scalar';
  readonly scalar: ScalarName;
  /** Go's name of the type, as error messages show it: `int32`, `v1.RestartPolicy`. */
  readonly goType: string;
  /** What it is documented to be, sorted; the server decides elsewhere what it takes. */
  readonly values?: readonly string[];
  /** Free-form JSON that server-side apply takes as one value. */
  readonly atomic?: boolean;
}

/** How server-side apply merges a list: as one value, as a set of scalars, or as items found by `keys`. */
export type ListTopology = 'atomic' | 'set' | 'map';

export interface ListSchema {
  readonly shape: 'list';
  readonly elements: ValueSchema;
  readonly topology: ListTopology;
  /** The fields that identify an item; empty unless `topology` is `map`. */
  readonly keys: readonly string[];
  /** Protobuf wraps the list in a message of its own. */
  readonly wrapped: boolean;
  readonly goType: string;
}

export interface MapSchema {
  readonly shape: 'map';
  readonly elements: ValueSchema;
  /** Server-side apply takes the whole map as one value. */
  readonly atomic: boolean;
  readonly goType: string;
}

export interface TypeSchema {
  readonly shape: 'struct';
  /** The name in OpenAPI documents: `io.k8s.api.core.v1.PodSpec`. */
  readonly name: string;
  /** Go's name, as error messages show it: `v1.PodSpec`. */
  readonly goType: string;
  /** Set for kinds only. */
  readonly gvk?: Gvk;
  /** Server-side apply takes the whole object as one value. */
  readonly atomic: boolean;
  /** Fields that are not listed are kept (custom resources). */
  readonly preservesUnknown: boolean;
  /** All fields, those of inlined structs among them. */
  readonly fields: readonly FieldSchema[];
  /** Fields that Go writes even when they are empty: structs by value, plain scalars without `omitempty`. */
  readonly alwaysWritten: readonly FieldSchema[];
  field(name: string): FieldSchema | undefined;
}

export type ValueSchema = ScalarSchema | ListSchema | MapSchema | TypeSchema;

export interface FieldSchema {
  readonly name: string;
  /** The name as Go's messages show it: with the structs in front that JSON inlines (`VolumeSource.secret`). */
  readonly goPath: string;
  readonly type: ValueSchema;
  readonly required: boolean;
  /** A Go pointer: zero is a value, absence is another. */
  readonly pointer: boolean;
  /** Go leaves the zero value out (`omitempty`, or `omitzero` for structs). */
  readonly omitsEmpty: boolean;
  readonly omitsZeroStruct: boolean;
  /** Strategic merge patch: lists merge item by item, found by `mergeKey`, or as a set of scalars without one. */
  readonly merges: boolean;
  /** Strategic merge patch: a patch replaces the object instead of merging into it. */
  readonly replaces: boolean;
  readonly mergeKey: string;
  readonly retainsKeys: boolean;
  /** The default that the release's own types declare; most defaults live in `defaults/`. */
  readonly default?: unknown;
  /** Protobuf field number, 0 for none. */
  readonly number: number;
}

/** The schema of a built-in kind, or undefined. DeleteOptions and the like are found in every group. */
export function schemaOf(gvk: Gvk): TypeSchema | undefined {
  return builtInTypes().kind(gvk);
}

/** The schema of a built-in type by its OpenAPI name: `io.k8s.api.core.v1.PodSpec`. */
export function typeNamed(name: string): TypeSchema | undefined {
  return builtInTypes().named(name);
}

/** A subresource of a built-in resource. `group` and `version` are empty where they are the resource's own. */
export interface BuiltInSubresource {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** What discovery and selectors need to know about a built-in resource. */
export interface BuiltInResource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly BuiltInSubresource[];
  /** The labels that a field selector may name. */
  readonly fieldLabels: readonly string[];
  /** The kind has a list of its own: a label outside it is refused with `field label not supported: x`. */
  readonly ownFieldLabels?: boolean;
}

/** Every resource of the release, in the order in which discovery lists the groups. */
export function builtInResources(): readonly BuiltInResource[] {
  return builtInTypes().resources;
}
