/** How metrics-server prints NodeMetrics and PodMetrics. */
import { quantityNumber } from '#common/kube/quantity';
import type { NodeMetrics, PodMetrics } from '#common/kube/types';
import { column } from './column';
import { definePrinter, type Printer } from './printer';

const COLUMNS = [
  { ...column('Name'), format: 'name', description: 'Name of the resource' },
  { ...column('cpu'), format: 'quantity' },
  { ...column('memory'), format: 'quantity' },
  { ...column('Window'), format: 'duration' },
];

const nodes = definePrinter<NodeMetrics>(COLUMNS, ({ metadata, usage, window }) => [
  metadata.name,
  usage['cpu'] ?? '0',
  usage['memory'] ?? '0',
  window,
]);

const pods = definePrinter<PodMetrics>(COLUMNS, ({ metadata, containers, window }) => [
  metadata.name,
  `${Math.round(sum(containers, 'cpu') * 1e9)}n`,
  `${Math.round(sum(containers, 'memory') / 1024)}Ki`,
  window,
]);

function sum(containers: PodMetrics['containers'], resource: string): number {
  return containers.reduce((total, { usage }) => total + quantityNumber(usage[resource] ?? '0'), 0);
}

export const metricsPrinters: Readonly<Record<string, Printer>> = {
  'nodes.metrics.k8s.io': nodes,
  'pods.metrics.k8s.io': pods,
};
