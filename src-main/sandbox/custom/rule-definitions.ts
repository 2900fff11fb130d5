/** Rules in CEL before they are kept: what they speak of must be there, and they must not cost too much. */
import type { JSONSchemaProps, ValidationRule } from '#common/kube/types';
import { compile, type Compilation } from '#main/sandbox/cel/compile';
import { largestCost } from '#main/sandbox/cel/rule-cost';
import { declaredType, LARGEST_REQUEST, ruleEnvironment, type DeclaredType } from '#main/sandbox/cel/schema-types';
import { partsOf, type Tree } from '#main/sandbox/cel/tree';
import { forbiddenField, invalidValue, must, type FieldError } from '#main/sandbox/registry/field-errors';
import { hasRules } from './schema-rules';
import { isFields, itemsOf } from './schema-parts';

const RULES = 'x-kubernetes-validations';

/** Units of cost: of one rule, and of all rules of a schema. */
const MOST_COST = 10_000_000;
const MOST_TOTAL = 100_000_000;
const MOST_NAMED = 4;

/** What is wrong with rules of a structural schema. Where `flaws` are, rules are not looked at: they may be the cause. */
export function ruleErrors(schema: JSONSchemaProps, path: string, flaws: readonly FieldError[]): FieldError[] {
  if (!hasRules(schema)) return [];
  const total: Total = { cost: 0, expensive: [] };
  const errors = judge({ schema, path, type: declaredType(schema, true), times: 1, total, flaws });
  return [...errors, ...totalErrors(total, path)];
}

interface Total {
  cost: number;
  /** The rules that cost most, by their paths. */
  expensive: { path: string; cost: number }[];
}

interface Node {
  schema: JSONSchemaProps;
  path: string;
  /** Undefined for what rules cannot see. */
  type: DeclaredType | undefined;
  /** How often it can be there; undefined where nothing bounds that. */
  times: number | undefined;
  /** The list around it in which an item cannot be told from its former self. */
  shuffled?: string | undefined;
  total: Total;
  flaws: readonly FieldError[];
}

function judge(node: Node): FieldError[] {
  const { schema, path, flaws } = node;
  if (!hasRules(schema)) return [];
  const below = childrenOf(node).flatMap(judge);
  const rules = schema[RULES] ?? [];
  if (rules.length === 0 || flaws.some(({ field }) => field.startsWith(path))) return below;
  const type = node.type ?? declaredType(schema);
  return type
    ? [...below, ...rules.flatMap((rule, at) => errorsOf(rule, `${path}.${RULES}[${at}]`, { ...node, type }))]
    : below;
}

function childrenOf(node: Node): Node[] {
  const { schema, path, type } = node;
  const items = itemsOf(schema);
  const rest = isFields(schema.additionalProperties) ? (schema.additionalProperties as JSONSchemaProps) : undefined;
  const child = (one: JSONSchemaProps, place: string, more: Partial<Node> = {}): Node => ({
    ...node,
    schema: one,
    path: `${path}.${place}`,
    type: undefined,
    times: timesBelow(node),
    ...more,
  });
  // Items of other lists have no names by which they could be found again.
  const shuffled = schema['x-kubernetes-list-type'] === 'map' ? node.shuffled : path;
  return [
    ...(rest ? [child(rest, 'additionalProperties', { type: type?.element })] : []),
    ...Object.entries(schema.properties ?? {}).map(([name, one]) => child(one, `properties[${name}]`)),
    ...(items ? [child(items, 'items', { type: type?.element, shuffled })] : []),
  ];
}

function timesBelow({ schema, times }: Node): number | undefined {
  const isMap = schema.type === 'object' && schema.additionalProperties !== undefined;
  if (times === undefined || (!isMap && schema.type !== 'array')) return times;
  const most = isMap ? schema.maxProperties : schema.maxItems;
  return most === undefined ? undefined : times * Math.max(most, 0);
}

function errorsOf(rule: ValidationRule, path: string, node: Node & { type: DeclaredType }): FieldError[] {
  if (rule.rule.trim() === '') return [];
  const { type, times, total } = node;
  const environment = ruleEnvironment(type, { optionalOldSelf: rule.optionalOldSelf === true });
  const compiled = compile(rule.rule, environment);
  const problem = problemOf(compiled);
  const tree = problem === undefined ? compiled.tree : undefined;
  // So often would it fit into a request by itself.
  const cost = tree ? largestCost(tree, type) * (times ?? Math.floor(LARGEST_REQUEST / (type.minSize + 1))) : 0;
  observe(total, `${path}.rule`, cost);
  const message = tree ? messageErrors(rule, path, { compiled: compileMessage(rule, environment), node }) : [];
  return [
    ...costErrors('estimated rule cost', `${path}.rule`, cost),
    ...(problem === undefined ? [] : [invalidValue(`${path}.rule`, shownRule(rule), problem)]),
    ...message,
    ...oldSelfErrors(rule, path, { usesOldSelf: tree !== undefined && names(tree, 'oldSelf'), ...node }),
  ];
}

function problemOf({ type, problem }: Compilation): string | undefined {
  if (problem !== undefined) return `compilation failed: ${inGo(problem)}`;
  return type === 'bool' ? undefined : 'cel expression must evaluate to a bool';
}

/** Types of elements have names in cel-go that are none in the package. */
const inGo = (problem: string): string => problem.replaceAll('.__idx', '.@idx').replaceAll('.__elem', '.@elem');

const compileMessage = ({ messageExpression }: ValidationRule, environment: Parameters<typeof compile>[1]) =>
  messageExpression ? compile(messageExpression, environment) : undefined;

function messageErrors(
  rule: ValidationRule,
  path: string,
  { compiled, node }: { compiled: Compilation | undefined; node: Node & { type: DeclaredType } },
): FieldError[] {
  if (!compiled) return [];
  const field = `${path}.messageExpression`;
  const { type, problem, tree } = compiled;
  if (problem !== undefined)
    return [invalidValue(field, shownRule(rule), `messageExpression compilation failed: ${inGo(problem)}`)];
  if (type !== 'string') return [invalidValue(field, shownRule(rule), 'messageExpression must evaluate to a string')];
  const cost = tree ? largestCost(tree, node.type) : 0;
  observe(node.total, field, cost);
  return costErrors('estimated messageExpression cost', field, cost);
}

function oldSelfErrors(
  { rule, optionalOldSelf }: ValidationRule,
  path: string,
  { usesOldSelf, shuffled }: { usesOldSelf: boolean; shuffled?: string | undefined },
): FieldError[] {
  if (usesOldSelf && shuffled !== undefined) {
    const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${shuffled}`;
    return [invalidValue(`${path}.rule`, rule, detail)];
  }
  return must(usesOldSelf || optionalOldSelf === undefined, () =>
    invalidValue(`${path}.optionalOldSelf`, optionalOldSelf, 'may not be set if oldSelf is not used in rule'),
  );
}

const names = (tree: Tree, name: string): boolean =>
  (tree.op === 'id' && tree.args === name) || partsOf(tree).some((part) => names(part, name));

function observe(total: Total, path: string, cost: number): void {
  total.cost += cost;
  if (cost < MOST_TOTAL / 100) return;
  total.expensive.push({ path, cost });
  total.expensive.sort((left, right) => (left.cost === right.cost ? 0 : right.cost - left.cost));
  total.expensive.splice(MOST_NAMED);
}

function totalErrors({ cost, expensive }: Total, path: string): FieldError[] {
  if (cost <= MOST_TOTAL) return [];
  const detail = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
  const subject = `${RULES} estimated rule cost total for entire OpenAPIv3 schema`;
  return [
    ...expensive.map((one) => forbiddenField(one.path, detail)),
    forbiddenField(path, budgetText(subject, cost / MOST_TOTAL)),
  ];
}

const costErrors = (subject: string, path: string, cost: number): FieldError[] =>
  must(cost <= MOST_COST, () => forbiddenField(path, budgetText(subject, cost / MOST_COST)));

function budgetText(subject: string, factor: number): string {
  const times = factor > 100 ? 'more than 100' : factor < 1.5 ? factor.toFixed(6) : factor.toFixed(1);
  const advice =
    'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared';
  return `${subject} exceeds budget by factor of ${times}x (${advice})`;
}

/** The server's own struct of a rule. */
function shownRule(rule: ValidationRule) {
  return {
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
}
