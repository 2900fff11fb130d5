/**
 * Objects that expressions of mutating policies make: `Object{spec: Object.spec{replicas: 3}}` and `JSONPatch{op: "add"}`
 * are maps here, for what they may hold is looked at when they are merged into the object.
 */

import { isWordStart, TEXT } from './source-text';

/** The same expression with map literals in place of those of the policy's own types. */
export function withPlainLiterals(expression: string): string {
  let out = '';
  const inTyped: boolean[] = [];
  for (let at = 0; at < expression.length;) {
    const rest = expression.slice(at);
    const text = TEXT.exec(rest)?.[0];
    if (text) {
      out += text;
      at += text.length;
      continue;
    }
    const typed = isWordStart(expression, at) ? TYPE.exec(rest)?.[0] : undefined;
    if (typed) {
      out += '{';
      at += typed.length;
      inTyped.push(true);
      const field = FIELD.exec(expression.slice(at));
      if (field) [out, at] = [out + quoted(field), at + field[0].length];
      continue;
    }
    const character = expression.charAt(at++);
    out += character;
    if (OPENING.has(character)) inTyped.push(false);
    else if (CLOSING.has(character)) inTyped.pop();
    else if (character === ',' && inTyped.at(-1)) {
      const field = FIELD.exec(expression.slice(at));
      if (field) [out, at] = [out + quoted(field), at + field[0].length];
    }
  }
  return out;
}

const TYPE = /^(?:Object(?:\.\w+)*|JSONPatch)\s*\{/;
const FIELD = /^(\s*\??)(?:`([^`]*)`|(\w+))(\s*:)/;
const OPENING = new Set(['{', '[', '(']);
const CLOSING = new Set(['}', ']', ')']);

const quoted = ([, before = '', escaped, plain, colon = '']: RegExpExecArray): string =>
  `${before}${JSON.stringify(escaped ?? plain ?? '')}${colon}`;
