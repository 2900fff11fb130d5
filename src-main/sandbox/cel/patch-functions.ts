/** `jsonpatch.escapeKey`: names of fields as segments of a JSON pointer. */
import type { Environment } from '@marcbachmann/cel-js';

class JsonPatchLibrary {
  /** As a segment of a JSON pointer. */
  escapeKey(key: string): string {
    return key.replaceAll('~', '~0').replaceAll('/', '~1');
  }
}

export function addPatchFunctions(environment: Environment): void {
  environment
    .registerType('k8s.JsonPatchLibrary', { ctor: JsonPatchLibrary, fields: {} })
    .registerConstant('jsonpatch', 'k8s.JsonPatchLibrary', new JsonPatchLibrary())
    .registerFunction('k8s.JsonPatchLibrary.escapeKey(string): string', (library: JsonPatchLibrary, key: string) =>
      library.escapeKey(key),
    );
}
