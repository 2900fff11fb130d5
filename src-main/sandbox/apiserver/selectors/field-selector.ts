/** Field selectors: which labels a kind knows at all, and what an object has for them. */
import type { AnyObject } from '#common/kube/object';
import { badRequest } from '#main/sandbox/registry/status-errors';

interface Requirement {
  label: string;
  isEqual: boolean;
  value: string;
}

/** What a resource lets a field selector name. */
export interface SelectableKind {
  fieldLabels: readonly string[];
  /** The kind has a list of labels of its own, and other words for refusing one. */
  hasOwnLabels: boolean;
  kind: string;
  /** Values besides name and namespace. */
  values?: ((object: AnyObject) => Record<string, string>) | undefined;
}

export interface FieldSelector {
  readonly isEmpty: boolean;
  /** Set when only one object can match. */
  readonly name?: string;
  matches(object: AnyObject): boolean;
}

export const everyField: FieldSelector = { isEmpty: true, matches: () => true };

/** What Pods' labels were called in former releases. */
const RENAMED: Readonly<Record<string, string>> = { 'spec.host': 'spec.nodeName' };

/** Throws BadRequest for text that is no selector, and for labels that the kind does not know. */
export function parseFieldSelector(text: string | null, kind: SelectableKind): FieldSelector {
  if (!text?.trim()) return everyField;
  const requirements = termsOf(text).map((term) => parseTerm(term, kind));
  const exact = requirements.find(({ label, isEqual }) => label === 'metadata.name' && isEqual);
  const needsValues = requirements.some(({ label }) => !label.startsWith('metadata.'));
  return {
    isEmpty: false,
    ...(exact ? { name: exact.value } : {}),
    matches(object) {
      const values = needsValues ? (kind.values?.(object) ?? {}) : {};
      return requirements.every(({ label, isEqual, value }) => (valueOf(object, label, values) === value) === isEqual);
    },
  };
}

function valueOf({ metadata }: AnyObject, label: string, values: Record<string, string>): string {
  if (label === 'metadata.name') return metadata.name;
  if (label === 'metadata.namespace') return metadata.namespace ?? '';
  return values[label] ?? '';
}

/** Splits at commas that are not escaped. */
function termsOf(text: string): string[] {
  return (text.match(/(?:\\.|[^,\\])+/g) ?? []).filter((term) => term.trim() !== '');
}

function parseTerm(term: string, kind: SelectableKind): Requirement {
  const found = /^([^=!]+)(!=|==|=)(.*)$/s.exec(term);
  if (!found) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  const [, label = '', operator, value = ''] = found;
  const bare = /(?<!\\)(?:\\\\)*([,=])/.exec(value)?.[1];
  if (bare) throw badRequest(`invalid field selector: unescaped character in value: ${bare.charCodeAt(0)}`);
  return { label: known(label, kind), isEqual: operator !== '!=', value: value.replaceAll(/\\(.)/gs, '$1') };
}

function known(label: string, { fieldLabels, hasOwnLabels, kind }: SelectableKind): string {
  if (fieldLabels.includes(label)) return (kind === 'Pod' && !hasOwnLabels && RENAMED[label]) || label;
  if (kind === 'Job') throw badRequest(`field label "${label}" not supported for Job`);
  if (hasOwnLabels) throw badRequest(`field label not supported: ${label}`);
  const list = fieldLabels.map((one) => `"${one}"`).join(', ');
  throw badRequest(`"${label}" is not a known field selector: only ${list}`);
}
