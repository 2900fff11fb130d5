import { meetsRequirement } from '../kube/label-requirement';

/** meta/v1 LabelSelector. */
export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

interface Labelled {
  metadata: { labels?: Record<string, string> };
}

/** A plain map as Services have it; an empty or absent one selects nothing. */
export function selects(selector: Record<string, string> | undefined, { metadata }: Labelled): boolean {
  const pairs = Object.entries(selector ?? {});
  return pairs.length > 0 && pairs.every(([key, value]) => metadata.labels?.[key] === value);
}

/** An absent LabelSelector matches nothing, an empty one everything. */
export function matchesSelector(selector: LabelSelector | undefined, { metadata }: Labelled): boolean {
  if (!selector) return false;
  const labels = metadata.labels ?? {};
  const { matchLabels, matchExpressions } = selector;
  // A loop without lists: controllers ask this of every Pod of theirs after each change of one.
  for (const key in matchLabels) if (labels[key] !== matchLabels[key]) return false;
  return matchExpressions?.every((expression) => meetsRequirement(expression, labels)) ?? true;
}

/** As the API takes it; undefined for one that selects everything or nothing. */
export function selectorQuery(selector: LabelSelector | undefined): string | undefined {
  const text = formatSelector(selector);
  return text === '<none>' ? undefined : text;
}

/** As kubectl prints it: `app=web,tier in (a,b),!old`. Keys sorted; `<none>` for nothing. */
export function formatSelector(selector: LabelSelector | undefined): string {
  const terms = [
    ...Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` })),
    ...(selector?.matchExpressions ?? []).map((expression) => ({
      key: expression.key,
      text: formatExpression(expression),
    })),
  ];
  if (terms.length === 0) return '<none>';
  return terms
    .toSorted((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0))
    .map(({ text }) => text)
    .join(',');
}

function formatExpression({ key, operator, values = [] }: NonNullable<LabelSelector['matchExpressions']>[number]) {
  const list = `(${values.toSorted().join(',')})`;
  switch (operator) {
    case 'In':
      return `${key} in ${list}`;
    case 'NotIn':
      return `${key} notin ${list}`;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return key;
  }
}

/** `a=1,b=2`, keys sorted; `<none>` for nothing: labels and plain selectors as kubectl prints them. */
export function formatLabels(labels: Record<string, string> | undefined): string {
  const pairs = Object.entries(labels ?? {}).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return pairs.length === 0 ? '<none>' : pairs.map(([key, value]) => `${key}=${value}`).join(',');
}
