/** The rules of a CustomResourceDefinition, with the texts of apiextensions' validation. */
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionVersion,
} from '#common/kube/types';
import { forbiddenField, invalidValue, must, required, type FieldError } from '#main/sandbox/registry/field-errors';
import { immutable } from '#main/sandbox/registry/metadata-rules';
import { dnsLabel, dnsSubdomain } from '#main/sandbox/registry/names';
import { oneOf } from './custom-strategy';
import { APPROVAL, approvalOf, isProtectedGroup } from './definition-status';
import { parseJsonPath } from './json-path';
import { validateStructure } from './structural-rules';

export function validateDefinition(definition: CustomResourceDefinition): FieldError[] {
  const { metadata, spec } = definition;
  const expected = `${spec.names.plural}.${spec.group}`;
  return [
    ...must(!metadata.name || metadata.name === expected, () =>
      invalidValue('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'),
    ),
    ...approvalErrors(definition),
    ...groupErrors(spec.group),
    ...(spec.scope ? oneOf('spec.scope', spec.scope, ['Cluster', 'Namespaced']) : [required('spec.scope')]),
    ...versionsErrors(spec.versions ?? []),
    ...namesErrors(spec.names, 'spec.names'),
    ...conversionErrors(definition),
    ...must(spec.preserveUnknownFields !== true, () =>
      invalidValue('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema'),
    ),
  ];
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
      invalidValue('spec.versions', shown(names), 'must contain unique version names'),
    ),
    ...must(stored === 1, () =>
      invalidValue('spec.versions', shown(names), 'must have exactly one version marked as storage version'),
    ),
  ];
}

/** Only the names are worth showing. */
const shown = (names: readonly string[]): object[] => names.map((name) => ({ name }));

function versionErrors(version: CustomResourceDefinitionVersion, path: string): FieldError[] {
  const schema = version.schema?.openAPIV3Schema;
  const schemaPath = `${path}.schema.openAPIV3Schema`;
  return [
    ...dnsLabel(version.name).map((text) => invalidValue(`${path}.name`, version.name, text)),
    ...(schema ? validateStructure(schema, schemaPath) : [required(schemaPath, 'schemas are required')]),
    ...(version.additionalPrinterColumns ?? []).flatMap((column, at) =>
      columnErrors(column, `${path}.additionalPrinterColumns[${at}]`),
    ),
    ...scaleErrors(version, `${path}.subresources.scale`),
    ...must(!version.deprecationWarning || version.deprecated === true, () =>
      invalidValue(`${path}.deprecationWarning`, version.deprecationWarning, 'can only be set for deprecated versions'),
    ),
  ];
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];

function columnErrors(column: { name: string; type: string; jsonPath: string }, path: string): FieldError[] {
  return [
    ...must(column.name !== '', () => required(`${path}.name`)),
    ...(column.type ? oneOf(`${path}.type`, column.type, COLUMN_TYPES) : [required(`${path}.type`)]),
    ...(column.jsonPath ? pathErrors(`${path}.jsonPath`, column.jsonPath) : [required(`${path}.jsonPath`)]),
  ];
}

function pathErrors(field: string, jsonPath: string): FieldError[] {
  if (!jsonPath.startsWith('.')) return [invalidValue(field, jsonPath, 'must be a simple json path starting with .')];
  return must(parseJsonPath(jsonPath) !== undefined, () => invalidValue(field, jsonPath, 'is an invalid path'));
}

function scaleErrors({ subresources }: CustomResourceDefinitionVersion, path: string): FieldError[] {
  const scale = subresources?.scale;
  if (!scale) return [];
  const spec = scale.specReplicasPath;
  const status = scale.statusReplicasPath;
  return [
    ...(spec
      ? must(spec.startsWith('.spec.'), () =>
          invalidValue(`${path}.specReplicasPath`, spec, 'should be a json path under .spec'),
        )
      : [required(`${path}.specReplicasPath`)]),
    ...(status
      ? must(status.startsWith('.status.'), () =>
          invalidValue(`${path}.statusReplicasPath`, status, 'should be a json path under .status'),
        )
      : [required(`${path}.statusReplicasPath`)]),
  ];
}

function namesErrors(names: CustomResourceDefinitionNames, path: string): FieldError[] {
  const label = (field: string, value: string): FieldError[] =>
    dnsLabel(value).map((text) => invalidValue(`${path}.${field}`, value, text));
  return [
    ...(names.plural ? label('plural', names.plural) : [required(`${path}.plural`)]),
    ...(names.singular ? label('singular', names.singular) : []),
    ...(names.shortNames ?? []).flatMap((one, at) => label(`shortNames[${at}]`, one)),
    ...(names.kind
      ? dnsLabel(names.kind.toLowerCase()).map((text) =>
          invalidValue(`${path}.kind`, names.kind, `may have mixed case, but should otherwise match: ${text}`),
        )
      : [required(`${path}.kind`)]),
    ...must(names.kind === '' || names.kind !== names.listKind, () =>
      invalidValue(`${path}.listKind`, names.listKind, 'kind and listKind may not be the same'),
    ),
  ];
}

function conversionErrors({ spec: { conversion } }: CustomResourceDefinition): FieldError[] {
  if (!conversion) return [];
  const { strategy, webhook } = conversion;
  if (strategy === 'Webhook') {
    const path = 'spec.conversion.webhook';
    if (!webhook?.clientConfig) return [required(`${path}Config`, 'required when strategy is set to Webhook')];
    return must((webhook.conversionReviewVersions ?? []).length > 0, () =>
      required(`${path}.conversionReviewVersions`),
    );
  }
  return [
    ...oneOf('spec.conversion.strategy', strategy, ['None', 'Webhook']),
    ...must(webhook === undefined, () =>
      forbiddenField('spec.conversion.webhookConfig', 'should not be set when strategy is not set to Webhook'),
    ),
  ];
}

export function validateDefinitionUpdate(
  next: CustomResourceDefinition,
  current: CustomResourceDefinition,
): FieldError[] {
  const errors = immutable('spec.group', next.spec.group, current.spec.group);
  if (isEstablished(current)) {
    errors.push(
      ...immutable('spec.scope', next.spec.scope, current.spec.scope),
      ...immutable('spec.names.kind', next.spec.names.kind, current.spec.names.kind),
    );
  }
  const names = new Set(next.spec.versions.map(({ name }) => name));
  const stored = next.status?.storedVersions ?? [];
  return [...errors, ...stored.flatMap((name, at) => (names.has(name) ? [] : [missingVersion(name, at)]))];
}

function missingVersion(name: string, at: number): FieldError {
  const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
  return invalidValue(`status.storedVersions[${at}]`, name, detail);
}

export function isEstablished({ status }: CustomResourceDefinition): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') ?? false;
}
