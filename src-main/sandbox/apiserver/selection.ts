import type { AnyObject } from '#common/kube/object';
import { keysOf, type KeyRange } from '#main/sandbox/store/collection';
import type { Entry } from '#main/sandbox/store/entry';
import type { ResourceExchange } from './exchange';
import { parseFieldSelector } from './selectors/field-selector';
import { parseLabelSelector } from './selectors/label-selector';

/** Which objects of a resource a LIST or WATCH is about. */
export interface Selection {
  range: KeyRange;
  /** Whether selectors leave anything out. */
  isFiltered: boolean;
  /** About a state in the served version. */
  matches(entry: Entry): boolean;
}

/** Throws BadRequest for selectors that cannot be read or that the kind does not know. */
export function selectionOf({ request, info, served }: ResourceExchange): Selection {
  const labels = parseLabelSelector(request.query.get('labelSelector'));
  const fields = parseFieldSelector(request.query.get('fieldSelector'), served.selectable);
  const name = info.name || fields.name;
  const namespace = served.definition.namespaced ? info.namespace : '';
  const isFiltered = !labels.isEmpty || !fields.isEmpty;
  const selects = (object: AnyObject): boolean => labels.matches(object.metadata.labels) && fields.matches(object);
  return {
    range: rangeOf(namespace, name, served.definition.namespaced),
    isFiltered,
    matches: isFiltered ? ({ object }) => selects(object) : () => true,
  };
}

/** A single object is a range of one key: nothing else is looked at. */
function rangeOf(namespace: string, name: string | undefined, isNamespaced: boolean): KeyRange {
  if (name === undefined || name === '' || (isNamespaced && !namespace)) return keysOf(namespace);
  const key = isNamespaced ? `${namespace}/${name}` : name;
  return { from: key, to: `${key}\0` };
}
