// Figures, their multiples of what the machine could do at best in the same run, and how both compare with a baseline.
import { scriptYardsticks } from './scripts.mjs';

/** Figures for which more is better. */
const isRate = (name) => name.endsWith('_per_s');

/** What a figure is a multiple of, in the same run. */
const yardsticks = {
  first_answer_ms: 'bare_node_ms',
  answer_ms: 'bare_node_ms',
  nodes_ready_ms: 'bare_node_ms',
  page_ms: 'bare_node_ms',
  first_table_ms: 'bare_node_ms',
  creates_per_s: 'bare_posts_per_s',
  warm_creates_per_s: 'bare_warm_posts_per_s',
  patches_per_s: 'bare_warm_posts_per_s',
  create_cpu_us: 'bare_post_cpu_us',
  pod_cpu_us: 'bare_post_cpu_us',
  list_ms: 'bare_list_ms',
  cached_list_ms: 'bare_list_ms',
  table_ms: 'bare_list_ms',
  idle_mb: 'bare_node_mb',
  ...scriptYardsticks,
};

/** A multiple that got worse by more than this is told; runs of one machine differ by about half of it. */
const TOLERANCE = 1.3;

export function ratiosOf(figures) {
  const known = Object.entries(yardsticks).filter(([name, by]) => figures[name] > 0 && figures[by] > 0);
  return Object.fromEntries(known.map(([name, by]) => [name, figures[name] / figures[by]]));
}

/** How many times better than the baseline a figure is; by its multiples where it has them, for then machines cancel out. */
export function gainOf(name, now, before) {
  const [ours, theirs] =
    name in now.ratios && name in before.ratios
      ? [now.ratios[name], before.ratios[name]]
      : [now.figures[name], before.figures[name]];
  if (!(ours > 0) || !(theirs > 0)) return undefined;
  return isRate(name) ? ours / theirs : theirs / ours;
}

/** One line per figure that is worse than the baseline by more than the tolerance; only those that have multiples. */
export function warnings(now, before) {
  return Object.keys(now.ratios)
    .map((name) => ({ name, gain: gainOf(name, now, before) }))
    .filter(({ gain }) => gain !== undefined && gain < 1 / TOLERANCE)
    .map(({ name, gain }) => `slower than the baseline: ${name} (${(1 / gain).toFixed(2)} times as much of bare)`);
}

export function tableOf(now, before) {
  const rows = Object.entries(now.figures).map(([name, value]) => {
    const ratio = now.ratios[name];
    const gain = isYardstick(name) ? undefined : gainOf(name, now, before);
    return [name, text(value), times(ratio), text(before.figures[name]), times(before.ratios[name]), times(gain)];
  });
  return [['', 'this run', 'of bare', 'baseline', 'of bare', 'better'], ...rows]
    .map((cells) => cells.map((content, column) => (column === 0 ? content.padEnd(23) : content.padStart(12))).join(''))
    .join('\n');
}

function isYardstick(name) {
  return name === 'cores' || /^(?:bare|reference|scripts_quiet)_/.test(name);
}

function times(value) {
  return value === undefined ? '' : `${value.toFixed(2)} x`;
}

function text(value) {
  if (value === undefined) return '';
  return value < 100 ? value.toFixed(1) : Math.round(value).toString();
}

/** Where both were measured, how many times better than the reference the sandbox is, in this run. */
export function timesTheReference(figures) {
  const both = Object.keys(figures).filter((name) => figures[name] > 0 && figures[`reference_${name}`] > 0);
  if (both.length === 0) return [];
  const rows = both.map((name) => {
    const [ours, theirs] = [figures[name], figures[`reference_${name}`]];
    return [name, text(ours), text(theirs), times(isRate(name) ? ours / theirs : theirs / ours)];
  });
  const lines = [['', 'sandbox', 'reference', 'better'], ...rows].map((cells) =>
    cells.map((content, column) => (column === 0 ? content.padEnd(23) : content.padStart(12))).join(''),
  );
  return ['', ...lines];
}

export function rounded(figures) {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]));
}
