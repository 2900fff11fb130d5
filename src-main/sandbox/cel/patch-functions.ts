/** `jsonpatch.escapeKey`: names of fields as segments of a JSON pointer. */
import type { Environment } from '@marcbachmann/cel-js';

class JsonPatchLibrary {}

export function addPatchFunctions(environment: Environment): void {
  environment
    .registerType('k8s.JsonPatchLibrary', { ctor: JsonPatchLibrary, fields: {} })
    .registerConstant('jsonpatch', 'k8s.JsonPatchLibrary', new JsonPatchLibrary())
    .registerFunction('k8s.JsonPatchLibrary.escapeKey(string): string', (_library: JsonPatchLibrary, key: string) =>
      key.replaceAll('~', '~0').replaceAll('/', '~1'),
    );
}
