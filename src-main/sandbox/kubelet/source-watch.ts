import type { Scope } from '#common/base/scope';
import { waitsForNode } from '#common/kinds/claim-growth';
import type { KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import { ConfigMaps, PersistentVolumeClaims, Secrets } from '#common/kube/resources';
import type { PersistentVolumeClaim, Pod } from '#common/kube/types';
import type { Clock } from '#common/base/clock';
import type { Informers } from '#main/informer/informers';
import { claimOf, sourcesOf, type SourceKind } from './pod-volumes';

/** A kubelet looks at its Pods again about once a minute (--sync-frequency), and only then at what their volumes are of. */
const SYNC_MS = 60_000;

type Refresh = (kind: SourceKind, name: string) => Promise<void>;

const RESOURCES: Readonly<Record<SourceKind, TypedResource<KubeObject>>> = {
  ConfigMap: ConfigMaps,
  Secret: Secrets,
  PersistentVolumeClaim: PersistentVolumeClaims,
};

interface SourceWatchOptions {
  informers: Informers;
  clock: Clock;
  scope: Scope;
  report: (failure: unknown) => void;
}

/** Tells Pods that something has changed that their volumes are made of; watches nothing while there are none. */
export class SourceWatch {
  readonly #options: SourceWatchOptions;
  readonly #followers = new Map<string, Set<Refresh>>();
  readonly #watched = new Set<SourceKind>();

  constructor(options: SourceWatchOptions) {
    this.#options = options;
  }

  follow(pod: Pod, refresh: Refresh): Disposable {
    const { namespace = 'default' } = pod.metadata;
    const sources = [...shownBy(pod), ...claimedBy(pod)];
    const keys = new Set(sources.map(({ kind, name }) => `${kind} ${namespace}/${name}`));
    for (const key of keys) {
      const followers = this.#followers.get(key) ?? new Set();
      this.#followers.set(key, followers.add(refresh));
    }
    for (const { kind } of sources) this.#watch(kind);
    return {
      [Symbol.dispose]: () => {
        for (const key of keys) {
          const followers = this.#followers.get(key);
          followers?.delete(refresh);
          if (followers?.size === 0) this.#followers.delete(key);
        }
      },
    };
  }

  #watch(kind: SourceKind): void {
    if (this.#watched.has(kind)) return;
    this.#watched.add(kind);
    const { informers, scope } = this.#options;
    const lease = scope.add(informers.open(RESOURCES[kind]));
    scope.add(
      lease.informer.subscribe((deltas) => {
        for (const { type, object } of deltas) if (type === 'changed') this.#changed(kind, object);
      }),
    );
  }

  #changed(kind: SourceKind, object: KubeObject): void {
    const { clock, report } = this.#options;
    const { namespace = '', name } = object.metadata;
    const key = `${kind} ${namespace}/${name}`;
    if (!this.#followers.has(key)) return;
    if (kind === 'PersistentVolumeClaim' && !waitsForNode(object as PersistentVolumeClaim)) return;
    clock.after(SYNC_MS, () => {
      for (const refresh of this.#followers.get(key) ?? []) refresh(kind, name).catch(report);
    });
  }
}

/** What the API server has put into every Pod is read when somebody looks. */
function shownBy({ spec }: Pod) {
  return (spec.volumes ?? []).filter(({ name }) => !name.startsWith('kube-api-access-')).flatMap(sourcesOf);
}

function claimedBy(pod: Pod): { kind: SourceKind; name: string }[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    const name = claimOf(volume, pod);
    return name === undefined ? [] : [{ kind: 'PersistentVolumeClaim' as const, name }];
  });
}
