/** Differences of two texts as Go's difflib finds and writes them (which does as Python's). */

interface Match {
  a: number;
  b: number;
  size: number;
}

/** What becomes of some lines: equal, replaced, deleted or inserted. */
interface Step {
  kind: 'equal' | 'replace' | 'delete' | 'insert';
  a: [from: number, to: number];
  b: [from: number, to: number];
}

const CONTEXT = 3;
/** In longer texts, lines that stand everywhere lead nowhere. */
const LONG = 200;

export function unifiedDiff(before: string, after: string): string {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let text = '';
  for (const group of grouped(stepsOf(a, b))) {
    const [first, last] = [group[0], group.at(-1)];
    if (!first || !last) continue;
    text += `@@ -${rangeText(first.a[0], last.a[1])} +${rangeText(first.b[0], last.b[1])} @@\n`;
    for (const { kind, a: old, b: fresh } of group) {
      if (kind === 'equal') for (const line of a.slice(...old)) text += ` ${line}\n`;
      if (kind === 'replace' || kind === 'delete') for (const line of a.slice(...old)) text += `-${line}\n`;
      if (kind === 'replace' || kind === 'insert') for (const line of b.slice(...fresh)) text += `+${line}\n`;
    }
  }
  return text;
}

function rangeText(from: number, to: number): string {
  const length = to - from;
  if (length === 1) return String(from + 1);
  return `${length === 0 ? from : from + 1},${length}`;
}

function stepsOf(a: readonly string[], b: readonly string[]): Step[] {
  const steps: Step[] = [];
  let [i, j] = [0, 0];
  for (const match of [...matches(a, b), { a: a.length, b: b.length, size: 0 }]) {
    const [hasOld, hasNew] = [i < match.a, j < match.b];
    if (hasOld || hasNew)
      steps.push({
        kind: hasOld && hasNew ? 'replace' : hasOld ? 'delete' : 'insert',
        a: [i, match.a],
        b: [j, match.b],
      });
    [i, j] = [match.a + match.size, match.b + match.size];
    if (match.size > 0) steps.push({ kind: 'equal', a: [match.a, i], b: [match.b, j] });
  }
  return steps;
}

/** Steps that are near to one another, with a few lines around them. */
function grouped(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = [];
  let group: Step[] = [];
  for (const [at, step] of steps.entries()) {
    let [[i1, i2], [j1, j2]] = [step.a, step.b];
    if (step.kind === 'equal') {
      if (at === 0) [i1, j1] = [Math.max(i1, i2 - CONTEXT), Math.max(j1, j2 - CONTEXT)];
      if (at === steps.length - 1) [i2, j2] = [Math.min(i2, i1 + CONTEXT), Math.min(j2, j1 + CONTEXT)];
      if (i2 - i1 > 2 * CONTEXT) {
        groups.push([...group, { kind: 'equal', a: [i1, i1 + CONTEXT], b: [j1, j1 + CONTEXT] }]);
        group = [];
        [i1, j1] = [i2 - CONTEXT, j2 - CONTEXT];
      }
    }
    group.push({ kind: step.kind, a: [i1, i2], b: [j1, j2] });
  }
  if (group.some(({ kind }) => kind !== 'equal')) groups.push(group);
  return groups;
}

function matches(a: readonly string[], b: readonly string[]): Match[] {
  const found: Match[] = [];
  const places = placesOf(b);
  const look = (a1: number, a2: number, b1: number, b2: number): void => {
    const match = longest(a, b, places, { a: [a1, a2], b: [b1, b2] });
    if (match.size === 0) return;
    if (a1 < match.a && b1 < match.b) look(a1, match.a, b1, match.b);
    found.push(match);
    const [i, j] = [match.a + match.size, match.b + match.size];
    if (i < a2 && j < b2) look(i, a2, j, b2);
  };
  look(0, a.length, 0, b.length);
  const joined: Match[] = [];
  for (const match of found) {
    const last = joined.at(-1);
    if (last && last.a + last.size === match.a && last.b + last.size === match.b) last.size += match.size;
    else joined.push({ ...match });
  }
  return joined;
}

function placesOf(lines: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [at, line] of lines.entries()) {
    const known = places.get(line);
    if (known) known.push(at);
    else places.set(line, [at]);
  }
  if (lines.length < LONG) return places;
  const most = Math.floor(lines.length / 100) + 1;
  for (const [line, found] of places) if (found.length > most) places.delete(line);
  return places;
}

type Window = Pick<Step, 'a' | 'b'>;

function longest(a: readonly string[], b: readonly string[], places: Map<string, number[]>, window: Window): Match {
  const [[a1, a2], [b1, b2]] = [window.a, window.b];
  const best: Match = { a: a1, b: b1, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = a1; i < a2; i++) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i] ?? '') ?? []) {
      if (j < b1 || j >= b2) continue;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) Object.assign(best, { a: i - size + 1, b: j - size + 1, size });
    }
    lengths = next;
  }
  while (best.a > a1 && best.b > b1 && a[best.a - 1] === b[best.b - 1]) {
    best.a--;
    best.b--;
    best.size++;
  }
  while (best.a + best.size < a2 && best.b + best.size < b2 && a[best.a + best.size] === b[best.b + best.size])
    best.size++;
  return best;
}
