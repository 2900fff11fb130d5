import { ManualClock } from '#common/base/clock';
import { seededRandom } from '#common/base/random';
import { Scope } from '#common/base/scope';
import type { KubeObject } from '#common/kube/object';
import { resource } from '#common/kube/resource';
import { createClient } from '#main/client/kube-client';
import type { Delta } from '#main/informer/informer';
import { createInformers, type InformersOptions } from '#main/informer/informers';
import { ScriptedCarrier, ScriptedWatch, type Ask } from './scripted-carrier';

export const ConfigMaps = resource<KubeObject>({ plural: 'configmaps', kind: 'ConfigMap' });

export function configMap(name: string, revision: number, uid = name): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: 'a',
      uid,
      resourceVersion: String(revision),
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
  };
}

export const added = (object: KubeObject) => ({ type: 'ADDED' as const, object });
export const changed = (object: KubeObject) => ({ type: 'MODIFIED' as const, object });
export const deleted = (object: KubeObject) => ({ type: 'DELETED' as const, object });
export function bookmark(revision: number, end = false) {
  const annotations = end ? { 'k8s.io/initial-events-end': 'true' } : undefined;
  return {
    type: 'BOOKMARK' as const,
    object: { kind: 'ConfigMap', metadata: { resourceVersion: String(revision), annotations } },
  };
}

/** Lets everything that can go on without time or network go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Informers of a client whose server is the test, on a clock that the test moves. */
export class World implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly scope = new Scope('test');
  readonly carrier = new ScriptedCarrier();
  readonly informers;

  constructor(options: Partial<InformersOptions> = {}) {
    const { clock, scope } = this;
    const client = createClient(this.carrier, { clock });
    this.informers = createInformers(client, { clock, scope, random: seededRandom(1), graceMs: 1000, ...options });
  }

  open() {
    const lease = this.informers.open(ConfigMaps, { namespace: 'a' });
    const batches: Delta<KubeObject>[][] = [];
    lease.informer.subscribe((deltas) => batches.push([...deltas]));
    return { ...lease, lease, batches, names: () => [...lease.informer.cache.values()].map((o) => o.metadata.name) };
  }

  /** Answers the next WatchList with `objects` at `revision` and hands out its watch. */
  async stream(revision: number, ...objects: KubeObject[]): Promise<ScriptedWatch> {
    const watch = await this.watch();
    watch.send(...objects.map(added), bookmark(revision, true));
    await settle();
    return watch;
  }

  async watch(): Promise<ScriptedWatch> {
    const watch = new ScriptedWatch();
    (await this.carrier.next()).answer({ lines: watch.lines });
    await settle();
    return watch;
  }

  async list(revision: string, objects: KubeObject[], next?: string): Promise<Ask> {
    const ask = await this.carrier.next();
    const metadata = { resourceVersion: revision, ...(next ? { continue: next } : {}) };
    ask.answer({ json: { apiVersion: 'v1', kind: 'ConfigMapList', metadata, items: objects } });
    await settle();
    return ask;
  }

  async [Symbol.asyncDispose]() {
    await this.scope.close();
  }
}

/** `added one`: a batch in words. */
export const types = (batch: Delta<KubeObject>[] | undefined) =>
  batch?.map((d) => `${d.type} ${d.object.metadata.name}`);
