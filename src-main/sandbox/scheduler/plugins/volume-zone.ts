import { classOf, waitsForConsumer } from '#common/kinds/volume-matching';
import type { Node, PersistentVolume, Pod } from '#common/kube/types';
import { always } from '../cluster-event';
import type { StorageView } from '../cluster-view';
import { sharedClaimsOf } from '../pod-claims';
import { unresolvable, type Rejection, type SchedulerPlugin } from '../plugin';

const NAME = 'VolumeZone';
const ELSEWHERE = unresolvable(NAME, 'node(s) had no available volume zone');

const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';
/** Labels that say where a volume is, and how the same is said of nodes today. */
const PLACES: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': ZONE,
  'failure-domain.beta.kubernetes.io/region': REGION,
  [ZONE]: ZONE,
  [REGION]: REGION,
};

/** A volume whose labels name a zone or region can be used there only. */
export const volumeZone: SchedulerPlugin = {
  name: NAME,
  forPod(pod, { storage }) {
    const found = placesOf(pod, storage);
    if ('reasons' in found) return { hopeless: found };
    if (found.length === 0) return undefined;
    return { filter: ({ node }) => (isAt(node, found) ? undefined : ELSEWHERE) };
  },
  hints: {
    'StorageClass/Add': (_pod, { after }) => waitsForConsumer(after),
    'Node/Add': always,
    'Node/UpdateLabel': always,
    'PersistentVolumeClaim/Add': (pod, { after }) => uses(pod, after),
    'PersistentVolumeClaim/Update': (pod, { after }) => uses(pod, after),
    'PersistentVolume/Add': always,
    'PersistentVolume/Update': (_pod, { before, after }) =>
      JSON.stringify(before && placesNamed(before)) !== JSON.stringify(after && placesNamed(after)),
  },
};

const uses = (pod: Pod, claim: { metadata: { name: string; namespace?: string } } | undefined): boolean =>
  claim?.metadata.namespace === pod.metadata.namespace && sharedClaimsOf(pod).includes(claim?.metadata.name ?? '');

interface Place {
  key: string;
  values: readonly string[];
}

function placesOf(pod: Pod, storage: StorageView): Place[] | Rejection {
  const places: Place[] = [];
  for (const name of sharedClaimsOf(pod)) {
    const claim = storage.claim(pod.metadata.namespace ?? '', name);
    if (!claim) return unresolvable(NAME, `persistentvolumeclaim "${name}" not found`);
    const { volumeName } = claim.spec;
    if (!volumeName) {
      const reason = withoutVolume(classOf(claim), storage);
      if (reason) return unresolvable(NAME, reason);
      continue;
    }
    const volume = storage.volume(volumeName);
    if (!volume) return unresolvable(NAME, `persistentvolume "${volumeName}" not found`);
    places.push(...placesNamed(volume));
  }
  return places;
}

/** Undefined for a claim that waits until the Pod has a node. */
function withoutVolume(className: string, storage: StorageView): string | undefined {
  if (!className) return 'PersistentVolumeClaim had no pv name and storageClass name';
  const storageClass = storage.storageClass(className);
  if (!storageClass) return `storageclass.storage.k8s.io "${className}" not found`;
  return waitsForConsumer(storageClass) ? undefined : 'PersistentVolume had no name';
}

/** Several zones are written `a__b`. */
function placesNamed({ metadata: { labels = {} } }: PersistentVolume): Place[] {
  return Object.keys(PLACES).flatMap((key) => {
    const values = labels[key]?.split('__').map((value) => value.trim());
    return values && values.every(Boolean) ? { key, values } : [];
  });
}

function isAt({ metadata: { labels = {} } }: Node, places: readonly Place[]): boolean {
  if (Object.keys(PLACES).every((key) => labels[key] === undefined)) return true;
  return places.every(({ key, values }) => {
    const value = labels[key] ?? labels[PLACES[key] ?? key];
    return value !== undefined && values.includes(value);
  });
}
