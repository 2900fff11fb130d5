/** What a CustomResourceDefinition lets a server serve: a resource for every version, all of them stored in one. */
import type { TableColumnDefinition } from '#common/kube/object';
import { apiVersionOf, resourceId } from '#common/kube/resource';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps } from '#common/kube/types';
import {
  ANY_VERSION,
  type BuiltInResource,
  type BuiltInSubresource,
  type TypeSchema,
} from '#main/sandbox/machinery/schema';
import { checkFields } from '#main/sandbox/machinery/strict-fields';
import { ApiStatusError, failure } from '#common/kube/status-error';
import type { Strategy } from '#main/sandbox/registry/strategy';
import type { ServiceDialer } from '#main/sandbox/webhooks/webhook-client';
import { conversionOfDefinition } from './conversion';
import { customPrinter, type CustomPrinter } from './custom-columns';
import { customStrategy } from './custom-strategy';
import { withDefaults } from './defaulting';
import { isEstablished } from './definition-rules';
import { prune } from './pruning';
import { isFields, type Fields } from './schema-parts';
import { customType, objectMetaType } from './type-schema';
import { VersionForm, type StoredKind } from './version-form';

/** One served version. */
export interface CustomVersion {
  definition: BuiltInResource;
  declared: CustomResourceDefinitionVersion;
  /** A newer version that is not deprecated, where this one is. */
  replacement: string | undefined;
  schema: TypeSchema;
  printer: CustomPrinter;
  /** Rules of this version, over what all versions store together. */
  strategy: Strategy;
  /** A decoded object with its unknown fields taken out and its defaults filled in. */
  read(object: Fields): { object: Fields; unknown: string[] };
}

/** A whole definition. */
export interface CustomKinds {
  name: string;
  /** The version that is stored, which need not be served. */
  stored: Strategy;
  /** Those that are served. */
  versions: CustomVersion[];
}

/** What a definition is made into kinds with. */
export interface CustomSurroundings {
  /** The first column of every table. */
  nameColumn: TableColumnDefinition;
  /** Reaches conversion webhooks behind Services of the cluster. */
  dialer?: ServiceDialer | undefined;
}

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** Undefined while the definition is not established. */
export function customKinds(
  definition: CustomResourceDefinition,
  { nameColumn, dialer }: CustomSurroundings,
): CustomKinds | undefined {
  const { metadata, spec } = definition;
  const stored = spec.versions.find(({ storage }) => storage);
  if (!stored || !isEstablished(definition)) return undefined;
  const kind: StoredKind = {
    schemas: new Map(spec.versions.map((version) => [`${spec.group}/${version.name}`, schemaOf(version)])),
    types: new Map(spec.versions.map((version) => [`${spec.group}/${version.name}`, typeOf(definition, version)])),
    storedAs: `${spec.group}/${stored.name}`,
    convert: conversionOfDefinition(definition, dialer),
    isAsked: spec.conversion?.strategy === 'Webhook',
  };
  const made = spec.versions
    .filter((version) => version.served || version.storage)
    .map((version) => customVersion(definition, version, { kind, nameColumn }));
  const storage = made.find(({ declared }) => declared === stored);
  if (!storage) return undefined;
  return {
    name: metadata.name,
    stored: storage.strategy,
    versions: made.filter(({ declared }) => declared.served),
  };
}

function customVersion(
  crd: CustomResourceDefinition,
  declared: CustomResourceDefinitionVersion,
  { kind, nameColumn }: { kind: StoredKind; nameColumn: TableColumnDefinition },
): CustomVersion {
  const definition = resourceOf(crd, declared);
  const schema = schemaOf(declared);
  const type = kind.types.get(apiVersionOf(definition)) ?? typeOf(crd, declared);
  const form = isPristine(crd) ? undefined : new VersionForm(kind, apiVersionOf(definition));
  const strategy = customStrategy({ resource: definition, version: declared, type, form });
  return {
    definition,
    declared,
    replacement: replacementOf(crd, declared),
    schema: type,
    printer: customPrinter(declared.additionalPrinterColumns, nameColumn),
    strategy: { ...strategy, collection: resourceId({ ...definition, version: ANY_VERSION }) },
    read: (object) => readCustom(object, schema, definition),
  };
}

/** What was stored needs no look before it goes out: nobody can have written it by another schema. */
function isPristine({ spec, status, metadata }: CustomResourceDefinition): boolean {
  return spec.versions.length === 1 && status?.storedVersions?.length === 1 && metadata.generation === 1;
}

function replacementOf(
  { spec }: CustomResourceDefinition,
  { name }: CustomResourceDefinitionVersion,
): string | undefined {
  return spec.versions
    .filter((one) => one.served && !one.deprecated && compareVersions(one.name, name) < 0)
    .map((one) => one.name)
    .sort(compareVersions)[0];
}

const typeOf = (crd: CustomResourceDefinition, version: CustomResourceDefinitionVersion): TypeSchema =>
  customType(resourceOf(crd, version), schemaOf(version));

const schemaOf = ({ schema }: CustomResourceDefinitionVersion): JSONSchemaProps => schema?.openAPIV3Schema ?? {};

function readCustom(
  object: Fields,
  schema: JSONSchemaProps,
  definition: BuiltInResource,
): { object: Fields; unknown: string[] } {
  const pruned = prune(object, schema);
  const value = withDefaults(pruned.value, schema);
  const unknown = pruned.unknown.map((path) => `unknown field "${path}"`);
  if (!isFields(value['metadata'])) return { object: value, unknown: unknown.sort() };
  const metadata = checkedMetadata(value['metadata'], definition);
  const unknownBelow = metadata.unknown.map((phrase) => phrase.replace('"', '"metadata.'));
  return { object: { ...value, metadata: metadata.object }, unknown: [...unknownBelow, ...unknown.sort()] };
}

function resourceOf(
  { spec, status }: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
): BuiltInResource {
  const { group } = spec;
  const names = status?.acceptedNames?.plural ? status.acceptedNames : spec.names;
  const namespaced = spec.scope === 'Namespaced';
  return {
    group,
    version: version.name,
    plural: names.plural,
    singular: names.singular ?? '',
    kind: names.kind,
    namespaced,
    verbs: VERBS,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    subresources: subresourcesOf(version, names.kind),
    ownFieldLabels: (version.selectableFields ?? []).length > 0,
    fieldLabels: [
      'metadata.name',
      'metadata.namespace',
      ...(version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.slice(1)),
    ],
  };
}

function subresourcesOf({ subresources }: CustomResourceDefinitionVersion, kind: string): BuiltInSubresource[] {
  const verbs = ['get', 'patch', 'update'];
  return [
    ...(subresources?.status ? [{ name: 'status', group: '', version: '', kind, verbs }] : []),
    ...(subresources?.scale ? [{ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs }] : []),
  ];
}

/** What is wrong with the metadata is told as a problem of the whole object. */
function checkedMetadata(metadata: Fields, { version, kind }: BuiltInResource): ReturnType<typeof checkFields> {
  try {
    return checkFields(metadata, objectMetaType());
  } catch (problem) {
    if (!(problem instanceof ApiStatusError)) throw problem;
    const subject = `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: `;
    const text = problem.message.replace(/^.*? cannot be handled as a [^:]*: /, subject);
    throw failure(problem.code, problem.reason, text);
  }
}

/** Newest stable first, as discovery lists the versions of a group: v2, v1, v1beta2, v1alpha1, others by name. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [rankOf(left), rankOf(right)];
  if (!a || !b) return a ? -1 : b ? 1 : left < right ? -1 : Number(left > right);
  const at = a.findIndex((part, index) => part !== b[index]);
  return at < 0 ? 0 : (b[at] ?? 0) - (a[at] ?? 0);
}

const STAGES = ['alpha', 'beta'];

function rankOf(version: string): [stage: number, major: number, minor: number] | undefined {
  const found = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (!found) return undefined;
  const [, major, stage, minor] = found;
  return [stage ? STAGES.indexOf(stage) : STAGES.length, Number(major), Number(minor ?? 0)];
}
