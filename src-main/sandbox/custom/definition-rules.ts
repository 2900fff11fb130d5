/** The rules of a CustomResourceDefinition, with the texts of apiextensions' validation. */
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionVersion,
  JSONSchemaProps,
} from '#common/kube/types';
import { webhookClientErrors } from '#main/sandbox/registry/webhook-client-rules';
import { sameValue } from '#main/sandbox/machinery/same-value';
import {
  duplicateValue,
  forbiddenField,
  invalidValue,
  must,
  required,
  type FieldError,
} from '#main/sandbox/registry/field-errors';
import { immutable } from '#main/sandbox/registry/metadata-rules';
import { dns1035Label, dnsSubdomain } from '#main/sandbox/registry/names';
import { oneOf } from './custom-strategy';
import { APPROVAL, approvalOf, isProtectedGroup } from './definition-status';
import { parseJsonPath } from './json-path';
import { validateStructure } from './structural-rules';

export function validateDefinition(definition: CustomResourceDefinition): FieldError[] {
  return [...definitionErrors(definition), ...storedErrors(definition)];
}

function definitionErrors(definition: CustomResourceDefinition, current?: CustomResourceDefinition): FieldError[] {
  const { metadata, spec } = definition;
  const expected = `${spec.names.plural}.${spec.group}`;
  return [
    ...must(current !== undefined || !metadata.name || metadata.name === expected, () =>
      invalidValue('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'),
    ),
    ...groupErrors(spec.group),
    ...(spec.scope ? oneOf('spec.scope', spec.scope, ['Cluster', 'Namespaced']) : [required('spec.scope')]),
    ...versionsErrors(spec.versions ?? []),
    ...namesErrors(spec.names, 'spec.names'),
    ...conversionErrors(definition),
    ...approvalErrors(definition, current),
    ...must(spec.preserveUnknownFields !== true, () =>
      invalidValue(
        'spec.preserveUnknownFields',
        true,
        'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ),
    ),
  ];
}

/** The versions in which objects may lie in the store are those that the server has written down. */
function storedErrors({ spec, status }: CustomResourceDefinition): FieldError[] {
  const path = 'status.storedVersions';
  const known = status?.storedVersions ?? [];
  const stored = spec.versions?.findLast(({ storage }) => storage)?.name;
  if (known.length === 0) return [invalidValue(path, null, 'must have at least one stored version')];
  return must(stored === undefined || known.includes(stored), () =>
    invalidValue(path, known, `must have the storage version ${stored}`),
  );
}

/** A state that stays is not asked about again. */
function approvalErrors(next: CustomResourceDefinition, current?: CustomResourceDefinition): FieldError[] {
  if (!isProtectedGroup(next.spec.group)) return [];
  const annotation = next.metadata.annotations?.[APPROVAL];
  const { state, reason } = approvalOf(annotation);
  if (current && approvalOf(current.metadata.annotations?.[APPROVAL]).state === state) return [];
  const path = `metadata.annotations[${APPROVAL}]`;
  if (state === 'missing') return [required(path, reason)];
  return state === 'invalid' ? [invalidValue(path, annotation, reason)] : [];
}

function groupErrors(group: string): FieldError[] {
  if (!group) return [required('spec.group')];
  const errors = dnsSubdomain(group).map((text) => invalidValue('spec.group', group, text));
  return [
    ...errors,
    ...must(group.includes('.'), () => invalidValue('spec.group', group, 'should be a domain with at least one dot')),
  ];
}

function versionsErrors(versions: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  const names = versions.map(({ name }) => name);
  const stored = versions.filter(({ storage }) => storage).length;
  return [
    ...versions.flatMap((version, at) => versionErrors(version, `spec.versions[${at}]`)),
    ...must(new Set(names).size === names.length, () =>
      invalidValue('spec.versions', shown(versions), 'must contain unique version names'),
    ),
    ...must(stored === 1, () =>
      invalidValue('spec.versions', shown(versions), 'must have exactly one version marked as storage version'),
    ),
    ...(versions[0] ? dns1035Label(versions[0].name).map((text) => invalidValue('spec.version', names[0], text)) : []),
    ...PARTS.flatMap((part) => partErrors(part, versions)),
  ];
}

/** The server's own struct of a version; what all versions have in common it keeps elsewhere. */
function shown(versions: readonly CustomResourceDefinitionVersion[]): object[] {
  const own = (part: Part, value: unknown): unknown => (isShared(part, versions) ? null : (value ?? null));
  return versions.map((version) => ({
    Name: version.name,
    Served: version.served,
    Storage: version.storage,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: own('schema', version.schema),
    Subresources: own('subresources', version.subresources),
    AdditionalPrinterColumns: own('additionalPrinterColumns', version.additionalPrinterColumns),
    SelectableFields: own('selectableFields', version.selectableFields),
  }));
}

function versionErrors(version: CustomResourceDefinitionVersion, path: string): FieldError[] {
  return [
    ...must(!version.deprecationWarning || version.deprecated === true, () =>
      invalidValue(`${path}.deprecationWarning`, version.deprecationWarning, 'can only be set for deprecated versions'),
    ),
    ...dns1035Label(version.name).map((text) => invalidValue(`${path}.name`, version.name, text)),
    ...must(version.schema?.openAPIV3Schema !== undefined, () => required(`${path}.schema.openAPIV3Schema`)),
  ];
}

type Part = 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields';
const PARTS: readonly Part[] = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'];

/** What is the same in every version is judged once, where older releases had it. */
function isShared(part: Part, versions: readonly CustomResourceDefinitionVersion[]): boolean {
  return versions.every((version) => sameValue(version[part], versions[0]?.[part]));
}

function partErrors(part: Part, versions: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  const [first] = versions;
  if (first && isShared(part, versions)) return JUDGES[part](first, 'spec', 'spec.validation');
  return versions.flatMap((version, at) =>
    JUDGES[part](version, `spec.versions[${at}]`, `spec.versions[${at}].schema`),
  );
}

type Judge = (version: CustomResourceDefinitionVersion, path: string, schemaPath: string) => FieldError[];

const JUDGES: Readonly<Record<Part, Judge>> = {
  schema: ({ schema }, _path, schemaPath) =>
    schema?.openAPIV3Schema ? validateStructure(schema.openAPIV3Schema, `${schemaPath}.openAPIV3Schema`) : [],
  subresources: (version, path) => scaleErrors(version, `${path}.subresources.scale`),
  additionalPrinterColumns: ({ additionalPrinterColumns = [] }, path) =>
    additionalPrinterColumns.flatMap((column, at) => columnErrors(column, `${path}.additionalPrinterColumns[${at}]`)),
  selectableFields: (version, path) => selectableErrors(version, `${path}.selectableFields`),
};

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

function columnErrors(column: CustomResourceColumnDefinition, path: string): FieldError[] {
  const { name, type, format, jsonPath } = column;
  const among = (field: string, value: string, all: readonly string[]) =>
    must(all.includes(value), () => invalidValue(`${path}.${field}`, value, `must be one of ${all.join(',')}`));
  return [
    ...must(Boolean(name), () => required(`${path}.name`)),
    ...(type ? among('type', type, COLUMN_TYPES) : [required(`${path}.type`)]),
    ...(format ? among('format', format, COLUMN_FORMATS) : []),
    ...(jsonPath ? pathErrors(`${path}.JSONPath`, jsonPath) : [required(`${path}.JSONPath`)]),
  ];
}

function pathErrors(field: string, jsonPath: string): FieldError[] {
  if (!jsonPath.startsWith('.')) return [invalidValue(field, jsonPath, 'must be a simple json path starting with .')];
  return must(parseJsonPath(jsonPath) !== undefined, () => invalidValue(field, jsonPath, 'is an invalid path'));
}

function scaleErrors({ subresources }: CustomResourceDefinitionVersion, path: string): FieldError[] {
  const scale = subresources?.scale;
  if (!scale) return [];
  const below = (field: string, value: string | undefined, root: string): FieldError[] =>
    value
      ? must(value.startsWith(`${root}.`), () =>
          invalidValue(`${path}.${field}`, value, `should be a json path under ${root}`),
        )
      : [required(`${path}.${field}`)];
  const selector = scale.labelSelectorPath;
  return [
    ...below('specReplicasPath', scale.specReplicasPath, '.spec'),
    ...below('statusReplicasPath', scale.statusReplicasPath, '.status'),
    ...must(!selector || /^\.(?:spec|status)\./.test(selector), () =>
      invalidValue(`${path}.labelSelectorPath`, selector, 'should be a json path under either .spec or .status'),
    ),
  ];
}

const SELECTABLE_TYPES = ['string', 'boolean', 'integer'];

function selectableErrors(
  { selectableFields = [], schema }: CustomResourceDefinitionVersion,
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  return selectableFields.flatMap(({ jsonPath }, at) => {
    const field = `${path}[${at}].jsonPath`;
    if (!jsonPath) return [required(field)];
    if (seen.has(jsonPath)) return [duplicateValue(field, jsonPath)];
    seen.add(jsonPath);
    const pointed = schemaAt(schema?.openAPIV3Schema, jsonPath);
    if (!pointed || jsonPath.startsWith('.metadata')) {
      return [invalidValue(field, jsonPath, 'is an invalid path: does not refer to a valid field')];
    }
    const detail =
      'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
    return must(SELECTABLE_TYPES.includes(pointed.type ?? ''), () => invalidValue(field, jsonPath, detail));
  });
}

function schemaAt(schema: JSONSchemaProps | undefined, jsonPath: string): JSONSchemaProps | undefined {
  const names = jsonPath.split('.').slice(1);
  return names.reduce<JSONSchemaProps | undefined>((at, name) => at?.properties?.[name], schema);
}

function namesErrors(names: CustomResourceDefinitionNames, path: string): FieldError[] {
  const label = (field: string, value: string): FieldError[] =>
    dns1035Label(value).map((text) => invalidValue(`${path}.${field}`, value, text));
  const name = (field: string, value: string | undefined) =>
    value ? label(field, value) : [required(`${path}.${field}`)];
  const kind = (field: string, value: string | undefined) =>
    value
      ? dns1035Label(value.toLowerCase()).map((text) =>
          invalidValue(`${path}.${field}`, value, `may have mixed case, but should otherwise match: ${text}`),
        )
      : [required(`${path}.${field}`)];
  return [
    ...name('plural', names.plural),
    ...name('singular', names.singular),
    ...kind('kind', names.kind),
    ...kind('listKind', names.listKind),
    ...(names.shortNames ?? []).flatMap((one, at) => label(`shortNames[${at}]`, one)),
    ...must(!names.kind || names.kind !== names.listKind, () =>
      invalidValue(`${path}.listKind`, names.listKind, 'kind and listKind may not be the same'),
    ),
    ...(names.categories ?? []).flatMap((one, at) => label(`categories[${at}]`, one)),
  ];
}

const REVIEW_VERSIONS = ['v1', 'v1beta1'];

function conversionErrors({ spec: { conversion } }: CustomResourceDefinition): FieldError[] {
  if (!conversion) return [];
  const { strategy, webhook } = conversion;
  const [client, versions] = ['webhookClientConfig', 'conversionReviewVersions'].map((one) => `spec.conversion.${one}`);
  if (strategy === 'Webhook') {
    return [
      ...(webhook?.clientConfig
        ? webhookClientErrors(webhook.clientConfig, client ?? '')
        : [required(client ?? '', 'required when strategy is set to Webhook')]),
      ...reviewVersionErrors(webhook?.conversionReviewVersions ?? [], versions ?? ''),
    ];
  }
  const forbidden = 'should not be set when strategy is not set to Webhook';
  return [
    ...oneOf('spec.conversion.strategy', strategy, ['None', 'Webhook']),
    ...must(webhook?.clientConfig === undefined, () => forbiddenField(client ?? '', forbidden)),
    ...must(!webhook?.conversionReviewVersions?.length, () => forbiddenField(versions ?? '', forbidden)),
  ];
}

function reviewVersionErrors(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) return [required(path)];
  return must(
    versions.some((one) => REVIEW_VERSIONS.includes(one)),
    () => invalidValue(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`),
  );
}

export function validateDefinitionUpdate(
  next: CustomResourceDefinition,
  current: CustomResourceDefinition,
): FieldError[] {
  return [...definitionErrors(next, current), ...storedErrors(next), ...changeErrors(next, current)];
}

function changeErrors(next: CustomResourceDefinition, current: CustomResourceDefinition): FieldError[] {
  const errors = immutable('spec.group', next.spec.group, current.spec.group);
  if (isEstablished(current)) {
    errors.push(
      ...immutable('spec.scope', next.spec.scope, current.spec.scope),
      ...immutable('spec.names.kind', next.spec.names.kind, current.spec.names.kind),
    );
  }
  return [...errors, ...missingVersions(next)];
}

function missingVersions({ spec, status }: CustomResourceDefinition): FieldError[] {
  const names = new Set(spec.versions.map(({ name }) => name));
  const stored = status?.storedVersions ?? [];
  return stored.flatMap((name, at) => (names.has(name) ? [] : [missingVersion(name, at)]));
}

function missingVersion(name: string, at: number): FieldError {
  const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
  return invalidValue(`status.storedVersions[${at}]`, name, detail);
}

export function isEstablished({ status }: CustomResourceDefinition): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') ?? false;
}
