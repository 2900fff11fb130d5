import type { AnyObject } from '#common/kube/object';

/** How much of what a workload wants is there, in the words of its own kind. */
export interface Progress {
  wanted: number;
  ready: number;
  updated: number | undefined;
  total: number | undefined;
  /** More numbers worth a word, as messages under `resources.workload`. */
  facts: { key: string; count: number }[];
}

type Numbers = Record<string, number | undefined>;

/** Pods of a StatefulSet or DaemonSet; completions of a Job. */
export function progressOf(object: AnyObject): Progress | undefined {
  const spec = (object['spec'] ?? {}) as Numbers;
  const status = (object['status'] ?? {}) as Numbers;
  switch (object.kind) {
    case 'StatefulSet':
    case 'ReplicationController':
      return replicated(spec, status);
    case 'DaemonSet':
      return perNode(status);
    case 'Job':
      return completions(spec, status);
    default:
      return undefined;
  }
}

function replicated({ replicas = 1 }: Numbers, status: Numbers): Progress {
  return {
    wanted: replicas,
    ready: status['readyReplicas'] ?? 0,
    updated: status['updatedReplicas'],
    total: status['replicas'],
    facts: facts({ updated: status['updatedReplicas'], available: status['availableReplicas'] }),
  };
}

function perNode(status: Numbers): Progress {
  return {
    wanted: status['desiredNumberScheduled'] ?? 0,
    ready: status['numberReady'] ?? 0,
    updated: status['updatedNumberScheduled'],
    total: status['currentNumberScheduled'],
    facts: facts({
      updated: status['updatedNumberScheduled'],
      available: status['numberAvailable'],
      misplaced: status['numberMisscheduled'] || undefined,
    }),
  };
}

function completions({ completions, parallelism = 1 }: Numbers, status: Numbers): Progress {
  const succeeded = status['succeeded'] ?? 0;
  return {
    wanted: completions ?? Math.max(parallelism, succeeded),
    ready: succeeded,
    updated: undefined,
    total: undefined,
    facts: facts({ active: status['active'], failed: status['failed'] }),
  };
}

function facts(counts: Numbers): Progress['facts'] {
  return Object.entries(counts).flatMap(([key, count]) => (count === undefined ? [] : [{ key, count }]));
}
