import type { MatchCondition } from '#common/kube/types';
import { problemText } from '#main/sandbox/cel/environment';
import { compiled } from '#main/sandbox/cel/expressions';
import type { Scope } from './policy-scope';

export interface ConditionVerdict {
  holds: boolean;
  /** Why conditions could not be asked; empty when one of them does not hold, whatever the others say. */
  problems: string[];
}

export function judgeConditions(conditions: readonly MatchCondition[] | undefined, scope: Scope): ConditionVerdict {
  const problems: string[] = [];
  for (const { expression } of conditions ?? []) {
    try {
      if (compiled(expression)(scope) !== true) return { holds: false, problems: [] };
    } catch (problem) {
      problems.push(expressionProblem(expression, problem));
    }
  }
  return { holds: problems.length === 0, problems };
}

export const expressionProblem = (expression: string, problem: unknown): string =>
  `expression '${expression}' resulted in error: ${problemText(problem)}`;
