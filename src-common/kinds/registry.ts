import { configMapKind } from './configmap';
import { cronJobKind } from './cronjob';
import { daemonSetKind } from './daemonset';
import { deploymentKind } from './deployment';
import { eventKind } from './event';
import { jobKind } from './job';
import type { Kind } from './kind';
import { namespaceKind } from './namespace';
import { nodeKind } from './node';
import { podKind } from './pod';
import { replicaSetKind } from './replicaset';
import { secretKind } from './secret';
import { serviceKind } from './service';
import { statefulSetKind } from './statefulset';

const kinds: ReadonlyMap<string, Kind> = new Map(
  [
    podKind,
    deploymentKind,
    replicaSetKind,
    statefulSetKind,
    daemonSetKind,
    jobKind,
    cronJobKind,
    nodeKind,
    namespaceKind,
    serviceKind,
    configMapKind,
    secretKind,
    eventKind,
  ].map((kind) => [`${kind.group}/${kind.plural}`, kind]),
);

/** What is known of a kind; undefined for kinds that are read through the server's Table. */
export function kindOf({ group, plural }: { group: string; plural: string }): Kind | undefined {
  return kinds.get(`${group}/${plural}`);
}

/** Every kind that is known. */
export function knownKinds(): Iterable<Kind> {
  return kinds.values();
}
