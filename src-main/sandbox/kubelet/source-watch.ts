import type { Scope } from '#common/base/scope';
import { ConfigMaps, Secrets } from '#common/kube/resources';
import type { ConfigMap, Pod, Secret } from '#common/kube/types';
import type { Clock } from '#common/base/clock';
import type { Delta } from '#main/informer/informer';
import type { Informers } from '#main/informer/informers';
import { sourcesOf } from './pod-volumes';

/** A kubelet looks at its Pods again about once a minute (--sync-frequency), and only then writes their files anew. */
const SYNC_MS = 60_000;

type Kind = 'ConfigMap' | 'Secret';
type Refresh = (kind: Kind, name: string) => Promise<void>;

/** Tells Pods that a ConfigMap or a Secret has changed whose content they show; watches nothing while there are none. */
export class SourceWatch {
  readonly #options: { informers: Informers; clock: Clock; scope: Scope; report: (failure: unknown) => void };
  readonly #followers = new Map<string, Set<Refresh>>();
  readonly #watched = new Set<Kind>();

  constructor(options: { informers: Informers; clock: Clock; scope: Scope; report: (failure: unknown) => void }) {
    this.#options = options;
  }

  follow({ metadata: { namespace = 'default' }, spec }: Pod, refresh: Refresh): Disposable {
    const sources = (spec.volumes ?? []).filter(({ name }) => !name.startsWith('kube-api-access-')).flatMap(sourcesOf);
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

  #watch(kind: Kind): void {
    if (this.#watched.has(kind)) return;
    this.#watched.add(kind);
    const { informers, scope } = this.#options;
    const changed = (deltas: readonly Delta<ConfigMap | Secret>[]) => {
      for (const { type, object } of deltas) if (type === 'changed') this.#changed(kind, object);
    };
    if (kind === 'ConfigMap') {
      const lease = scope.add(informers.open(ConfigMaps));
      scope.add(lease.informer.subscribe(changed));
    } else {
      const lease = scope.add(informers.open(Secrets));
      scope.add(lease.informer.subscribe(changed));
    }
  }

  #changed(kind: Kind, { metadata: { namespace = '', name } }: ConfigMap | Secret): void {
    const { clock, report } = this.#options;
    const key = `${kind} ${namespace}/${name}`;
    if (!this.#followers.has(key)) return;
    clock.after(SYNC_MS, () => {
      for (const refresh of this.#followers.get(key) ?? []) refresh(kind, name).catch(report);
    });
  }
}
