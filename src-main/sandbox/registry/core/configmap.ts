import { ConfigMaps } from '#common/kube/resources';
import type { ConfigMap } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { eachInvalid, forbiddenField, invalidValue, tooLong, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { configKey, dnsSubdomain } from '../names';
import { defineStrategy } from '../strategy';

/** Of all values together, and of a Secret's too. */
export const MOST_BYTES = 1024 * 1024;
const FIXED = 'field is immutable when `immutable` is set';

export const configMapStrategy = defineStrategy({
  resource: ConfigMaps,
  checks: {
    create: checkConfigMap,
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkFixedData(next, current, ['data', 'binaryData'], into);
      checkConfigMap(next, into);
    },
  },
});

function checkConfigMap({ metadata, data = {}, binaryData = {} }: ConfigMap, into: FieldError[]): void {
  checkMetadata(metadata, dnsSubdomain, into);
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    eachInvalid(into, `data[${key}]`, key, configKey(key));
    if (key in binaryData) into.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    bytes += Buffer.byteLength(value);
  }
  for (const [key, value] of Object.entries(binaryData)) {
    eachInvalid(into, `binaryData[${key}]`, key, configKey(key));
    bytes += Buffer.byteLength(value, 'base64');
  }
  if (bytes > MOST_BYTES) into.push(tooLong('[]', MOST_BYTES));
}

/** What an object marked `immutable` may not lose: the mark and its data. */
export function checkFixedData<T extends { immutable?: boolean }>(
  next: T,
  current: Readonly<T>,
  fields: readonly (keyof T & string)[],
  into: FieldError[],
): void {
  if (!current.immutable) return;
  if (!next.immutable) into.push(forbiddenField('immutable', FIXED));
  for (const field of fields) if (!sameValue(next[field], current[field])) into.push(forbiddenField(field, FIXED));
}
