/** Compiles and asks the rules of schemas: `self.minReplicas <= self.replicas`. */
import { Optional, type ParseResult } from '@marcbachmann/cel-js';
import type { JSONSchemaProps, ValidationRule } from '#common/kube/types';
import { parseExpression, problemText } from './environment';
import { schemaValue } from './schema-value';

export interface CompiledRule {
  readonly usesOldSelf: boolean;
  readonly rule: ParseResult;
  readonly message?: ParseResult;
  readonly schema: JSONSchemaProps;
}

export interface RuleScope {
  self: unknown;
  /** Undefined for what is new. */
  oldSelf: unknown;
  hasOptionalOldSelf: boolean;
}

export interface RuleVerdict {
  holds: boolean;
  /** The message that the rule's own expression made. */
  message?: string;
  /** Why the rule could not be asked. */
  problem?: string;
}

/** A text says what is wrong with the rule. */
export function compileRule(
  { rule, messageExpression }: ValidationRule,
  schema: JSONSchemaProps,
): CompiledRule | string {
  try {
    const parsed = parseExpression(rule);
    const checked = parsed.check();
    if (!checked.valid) return problemText(checked.error);
    if (checked.type !== 'bool' && checked.type !== 'dyn') return 'cel expression must evaluate to a bool';
    const usesOldSelf = /\boldSelf\b/.test(rule);
    const message = messageExpression ? { message: parseExpression(messageExpression) } : {};
    const messageType = message.message?.check();
    if (messageType?.valid && messageType.type !== 'string' && messageType.type !== 'dyn') {
      return 'messageExpression must evaluate to a string';
    }
    return { usesOldSelf, rule: parsed, schema, ...message };
  } catch (problem) {
    return problemText(problem);
  }
}

export function evaluateRule(
  { rule, message, schema }: CompiledRule,
  { self, oldSelf, hasOptionalOldSelf }: RuleScope,
): RuleVerdict {
  const before = oldSelf === undefined ? undefined : schemaValue(oldSelf, schema);
  const optional = before === undefined ? Optional.none() : Optional.of(before);
  const scope = { self: schemaValue(self, schema), oldSelf: hasOptionalOldSelf ? optional : before };
  try {
    if (rule(scope) === true) return { holds: true };
  } catch (problem) {
    return { holds: false, problem: problemText(problem) };
  }
  return { holds: false, ...ownMessage(message, scope) };
}

/** A message that cannot be made leaves the fixed one. */
function ownMessage(message: ParseResult | undefined, scope: Record<string, unknown>): { message?: string } {
  if (!message) return {};
  try {
    const text: unknown = message(scope);
    return typeof text === 'string' && text.trim() !== '' && !text.includes('\n') ? { message: text } : {};
  } catch {
    return {};
  }
}
