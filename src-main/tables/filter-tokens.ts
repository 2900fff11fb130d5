/** One part of a filter text between blanks. */
export interface FilterToken {
  /** As it was typed, for messages. */
  source: string;
  negated: boolean;
  kind: 'or' | 'text' | 'regex' | 'field' | 'comparison';
  /** The text, the pattern, or the value of a field or comparison. */
  value: string;
  /** Name of the field: `ns`, `label`, `age`, `restarts`. */
  field?: string;
  operator?: '<' | '<=' | '>' | '>=';
  flags?: string;
}

const REGEX = /^\/(?<value>(?:[^/\\]|\\.)+)\/(?<flags>[a-z]*)$/;
const COMPARISON = /^(?<field>[a-z][a-z-]*)(?<operator><=|>=|<|>)(?<value>.+)$/;
const FIELD = /^(?<field>[a-z][a-z-]*):(?<value>.*)$/s;

/** Splits at blanks outside quotes and patterns, then names the shape of each part. */
export function tokenize(filter: string): FilterToken[] {
  return split(filter).map(shapeOf);
}

function shapeOf({ source, text, quoted }: Part): FilterToken {
  if (quoted) return { source, negated: false, kind: 'text', value: text };
  if (/^or$/i.test(text)) return { source, negated: false, kind: 'or', value: '' };
  const negated = text.length > 1 && text.startsWith('!');
  const body = negated ? text.slice(1) : text;
  const base = { source, negated, value: body };
  return (
    shape(REGEX, body, { ...base, kind: 'regex' }) ??
    shape(COMPARISON, body, { ...base, kind: 'comparison' }) ??
    shape(FIELD, body, { ...base, kind: 'field' }) ?? { ...base, kind: 'text' }
  );
}

/** The named groups of a pattern are the fields of its token. */
function shape(pattern: RegExp, body: string, token: FilterToken): FilterToken | undefined {
  const groups = pattern.exec(body)?.groups;
  return groups && { ...token, ...groups };
}

interface Part {
  source: string;
  text: string;
  /** The part begins with a quote: its content is text, whatever it looks like. */
  quoted: boolean;
}

function split(filter: string): Part[] {
  const pattern = /!?\/(?:[^/\\]|\\.)+\/[a-z]*(?=\s|$)|(?:"[^"]*"?|[^\s"])+/g;
  return Array.from(filter.matchAll(pattern), ([source]) => ({
    source,
    text: source.replaceAll('"', ''),
    quoted: source.startsWith('"'),
  }));
}
