/** How nodes are compared by what would be left of their resources (NodeResourcesFit's scoringStrategy). Pure. */
import type { ResourceUse } from './node-resources';

export interface ResourceWeight {
  name: string;
  weight: number;
}

export interface ShapePoint {
  /** Percent of the resource in use. */
  utilization: number;
  /** 0..10. */
  score: number;
}

export interface ScoringStrategy {
  type: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio';
  resources: readonly ResourceWeight[];
  requestedToCapacityRatio?: { shape: readonly ShapePoint[] };
}

/** 0..100 for the uses of the strategy's resources, in their order. */
export function scorerOf({
  type,
  resources,
  requestedToCapacityRatio,
}: ScoringStrategy): (uses: readonly ResourceUse[]) => number {
  const weights = resources.map(({ weight }) => weight);
  switch (type) {
    case 'LeastAllocated':
      return (uses) => Math.trunc(mean(uses, weights, leastAllocated));
    case 'MostAllocated':
      return (uses) => Math.trunc(mean(uses, weights, mostAllocated));
    case 'RequestedToCapacityRatio':
      return ratioScorer(weights, requestedToCapacityRatio?.shape ?? []);
  }
}

function leastAllocated({ capacity, after }: ResourceUse): number {
  return after > capacity ? 0 : Math.trunc(((capacity - after) * 100) / capacity);
}

function mostAllocated({ capacity, after }: ResourceUse): number {
  return Math.trunc((Math.min(after, capacity) * 100) / capacity);
}

function mean(uses: readonly ResourceUse[], weights: readonly number[], score: (use: ResourceUse) => number): number {
  let total = 0;
  let weight = 0;
  uses.forEach((use, at) => {
    if (use.capacity === 0) return;
    total += score(use) * (weights[at] ?? 0);
    weight += weights[at] ?? 0;
  });
  return weight === 0 ? 0 : total / weight;
}

function ratioScorer(
  weights: readonly number[],
  shape: readonly ShapePoint[],
): (uses: readonly ResourceUse[]) => number {
  const points = shape.map(({ utilization, score }) => ({ utilization, score: score * 10 }));
  return (uses) => {
    let total = 0;
    let weight = 0;
    uses.forEach((use, at) => {
      if (use.capacity === 0) return;
      const percent = use.after > use.capacity ? 100 : Math.trunc((use.after * 100) / use.capacity);
      const score = onShape(points, percent);
      if (score <= 0) return;
      total += score * (weights[at] ?? 0);
      weight += weights[at] ?? 0;
    });
    return weight === 0 ? 0 : Math.round(total / weight);
  };
}

/** On the broken line through the points; level outside of them. */
function onShape(points: readonly ShapePoint[], percent: number): number {
  const next = points.findIndex(({ utilization }) => percent <= utilization);
  if (next === -1) return points.at(-1)?.score ?? 0;
  const [left, right] = [points[next - 1], points[next]];
  if (!right) return 0;
  if (!left) return right.score;
  const slope = (right.score - left.score) * (percent - left.utilization);
  return left.score + Math.trunc(slope / (right.utilization - left.utilization));
}
