/** The rules of a container's environment. */
import type { EnvFromSource, EnvVar, EnvVarSource } from '#common/kube/types';
import { eachInvalid, invalidValue, required, type FieldError } from '../field-errors';
import { configKey, dnsLabel, dnsSubdomain, environmentName } from '../names';
import { checkNeededName } from '../value-rules';
import { checkFieldReference, checkResourceReference, ENVIRONMENT_FIELDS } from './field-reference-rules';
import { checkNoBacksteps } from './path-rules';

const ONE_OF = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
const ONLY_ONE = 'may not have more than one field specified at a time';

export function checkEnvironment(variables: readonly EnvVar[], path: string, into: FieldError[]): void {
  for (const [at, { name, value, valueFrom }] of variables.entries()) {
    const here = `${path}[${at}]`;
    checkNeededName(name, environmentName, `${here}.name`, into);
    if (valueFrom) checkSource(valueFrom, Boolean(value), `${here}.valueFrom`, into);
  }
}

function checkSource(source: EnvVarSource, hasValue: boolean, path: string, into: FieldError[]): void {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  if (fieldRef) checkFieldReference(fieldRef, ENVIRONMENT_FIELDS, `${path}.fieldRef`, into);
  if (resourceFieldRef) checkResourceReference(resourceFieldRef, false, `${path}.resourceFieldRef`, into);
  if (configMapKeyRef) checkKey(configMapKeyRef, `${path}.configMapKeyRef`, into);
  if (secretKeyRef) checkKey(secretKeyRef, `${path}.secretKeyRef`, into);
  if (fileKeyRef) {
    checkNeededName(fileKeyRef.key, environmentName, `${path}.fileKeyRef.key`, into);
    checkNeededName(fileKeyRef.volumeName, dnsLabel, `${path}.fileKeyRef.volumeName`, into);
    if (!fileKeyRef.path) into.push(required(`${path}.fileKeyRef.path`));
    else checkNoBacksteps(fileKeyRef.path, `${path}.fileKeyRef.path`, into);
  }
  const count = Object.keys(source).length;
  if (count === 0) into.push(invalidValue(path, '', ONE_OF));
  else if (hasValue) into.push(invalidValue(path, '', 'may not be specified when `value` is not empty'));
  else if (count > 1) into.push(invalidValue(path, '', ONLY_ONE));
}

function checkKey({ name = '', key }: { name?: string; key: string }, path: string, into: FieldError[]): void {
  eachInvalid(into, `${path}.name`, name, dnsSubdomain(name));
  checkNeededName(key, configKey, `${path}.key`, into);
}

export function checkEnvironmentSources(sources: readonly EnvFromSource[], path: string, into: FieldError[]): void {
  for (const [at, { prefix, configMapRef, secretRef }] of sources.entries()) {
    const here = `${path}[${at}]`;
    if (prefix) eachInvalid(into, `${here}.prefix`, prefix, environmentName(prefix));
    if (configMapRef) checkNeededName(configMapRef.name, dnsSubdomain, `${here}.configMapRef.name`, into);
    if (secretRef) checkNeededName(secretRef.name, dnsSubdomain, `${here}.secretRef.name`, into);
    if (!configMapRef && !secretRef)
      into.push(invalidValue(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (configMapRef && secretRef) into.push(invalidValue(path, '', ONLY_ONE));
  }
}
