import { Buffer } from 'node:buffer';
import { stringify } from 'yaml';
import type { ValueBody } from './api-request';

/** The same value as YAML. */
export function yamlBody(body: ValueBody): ValueBody {
  let bytes: Buffer | undefined;
  const encoded = (): Buffer => (bytes ??= Buffer.from(stringify(body.value(), { aliasDuplicateObjects: false })));
  return { shape: 'value', value: body.value, chunks: () => [encoded()], length: () => encoded().length };
}
