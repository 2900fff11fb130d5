import { groupResource } from '#common/kube/resource';
import type { BuiltInResource } from '#main/sandbox/machinery/schema';
import { clusterPrinters } from './cluster';
import { column, NAME } from './column';
import { metricsPrinters } from './metrics';
import { networkPrinters } from './networking';
import { policyPrinters } from './policy';
import type { Printer } from './printer';
import { workloadPrinters } from './workloads';

const printers: Readonly<Record<string, Printer>> = {
  ...workloadPrinters,
  ...networkPrinters,
  ...clusterPrinters,
  ...policyPrinters,
  ...metricsPrinters,
};

/** The printer of a resource; name and creation time for kinds without one, as real servers have it. */
export function printerFor(resource: BuiltInResource): Printer {
  const name = groupResource(resource);
  return printers[`${name}/${resource.version}`] ?? printers[name] ?? plain;
}

const plain: Printer = {
  columns: [NAME, column('Created At', 'date')],
  cells: ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? null],
};
