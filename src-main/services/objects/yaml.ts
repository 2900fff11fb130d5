import { stringify } from 'yaml';
import type { AnyObject } from '#common/kube/object';

/** An object as an editor shows it: without managedFields, keys in order, nothing folded. */
export function toYaml(object: AnyObject): string {
  const { managedFields: _managed, ...metadata } = object.metadata;
  return stringify(
    { ...object, metadata },
    { sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' },
  );
}
