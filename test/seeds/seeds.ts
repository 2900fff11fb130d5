import { cluster } from './cluster';
import { network } from './network';
import { nodes } from './nodes';
import type { Seed } from './seed';
import { stateful } from './stateful';
import { workloads } from './workloads';

/** Every row of the notes that is tried, in their order. */
export const seeds: readonly Seed[] = [...workloads, ...stateful, ...nodes, ...network, ...cluster].toSorted(
  (left, right) => left.row - right.row,
);
