import { sleep, type Clock } from '#common/base/clock';
import { BOUND_BY_CONTROLLER, isFullyBound, isReservedFor, SELECTED_NODE } from '#common/kinds/volume-matching';
import { keyOf } from '#common/kube/object';
import { PersistentVolumeClaims, PersistentVolumes } from '#common/kube/resources';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '#common/kube/types';
import { Pulse } from '#main/base/pulse';
import type { KubeClient } from '#main/client/client';
import type { StorageLedger } from './storage-ledger';
import { groupClaims, planVolumes } from './volume-plan';

/** VolumeBinding's bindTimeoutSeconds. */
const BIND_TIMEOUT_MS = 600_000;

/** Volumes that are promised to a Pod. */
export interface Reservation {
  /** Writes what was promised and waits until the claims have their volumes. Throws when they do not get them. */
  fulfil(signal: AbortSignal): Promise<void>;
  revert(): void;
}

export interface VolumeBinderDeps {
  client: KubeClient;
  clock: Clock;
  ledger: StorageLedger;
}

/** Gives claims that wait for their Pod the volumes of its node, or has them made there. */
export class VolumeBinder {
  readonly #deps: VolumeBinderDeps;

  constructor(deps: VolumeBinderDeps) {
    this.#deps = deps;
  }

  /** Undefined when there is nothing to bind. */
  reserve(pod: Pod, node: Node): Reservation | undefined {
    const { ledger } = this.#deps;
    const claims = groupClaims(pod, ledger);
    if (!claims || 'reason' in claims || claims.delayed.length === 0) return undefined;
    const plan = planVolumes(claims, node, ledger);
    if ('reasons' in plan) return undefined;
    const volumes = plan.bindings.map(({ claim, volume }) => promised(volume, claim));
    const provisions = plan.provisions.map((claim) => annotated(claim, { [SELECTED_NODE]: node.metadata.name }));
    for (const volume of volumes) ledger.expectedVolumes.expect(volume);
    for (const claim of provisions) ledger.expectedClaims.expect(claim);
    const waiting = [...plan.bindings.map(({ claim }) => claim), ...provisions];
    return {
      fulfil: async (signal) => {
        await this.#write(volumes, provisions, signal);
        await this.#bound(waiting, { provisions, nodeName: node.metadata.name, signal });
      },
      revert() {
        for (const volume of volumes) ledger.expectedVolumes.forget(volume);
        for (const claim of provisions) ledger.expectedClaims.forget(claim);
      },
    };
  }

  async #write(
    volumes: readonly PersistentVolume[],
    claims: readonly PersistentVolumeClaim[],
    signal: AbortSignal,
  ): Promise<void> {
    const { client } = this.#deps;
    for (const volume of volumes) await client.update(PersistentVolumes, volume, { signal });
    for (const claim of claims) await client.update(PersistentVolumeClaims, claim, { signal });
  }

  async #bound(
    claims: readonly PersistentVolumeClaim[],
    {
      provisions,
      nodeName,
      signal,
    }: { provisions: readonly PersistentVolumeClaim[]; nodeName: string; signal: AbortSignal },
  ): Promise<void> {
    const { ledger, clock } = this.#deps;
    const ending = new AbortController();
    const either = AbortSignal.any([signal, ending.signal]);
    const pulse = new Pulse();
    const listening = ledger.claims.subscribe(() => pulse.set());
    let isLate = false;
    const timeout = sleep(clock, BIND_TIMEOUT_MS, either).then(
      () => {
        isLate = true;
        pulse.set();
      },
      () => undefined,
    );
    try {
      while (!claims.every((claim) => this.#isBound(claim))) {
        const lost = provisions.find((claim) => this.#isGivenUp(claim, nodeName));
        if (lost) throw new Error(`binding volumes: provisioning failed for PVC "${lost.metadata.name}"`);
        if (isLate) throw new Error('binding volumes: context deadline exceeded');
        await pulse.taken(either);
        signal.throwIfAborted();
      }
    } finally {
      listening[Symbol.dispose]();
      ending.abort();
      await timeout;
    }
  }

  #isBound(claim: PersistentVolumeClaim): boolean {
    const now = this.#deps.ledger.claims.cache.get(keyOf(claim));
    return !!now && isFullyBound(now);
  }

  /** The provisioner took the node away again: another one must be found. */
  #isGivenUp(claim: PersistentVolumeClaim, nodeName: string): boolean {
    const now = this.#deps.ledger.claims.cache.get(keyOf(claim));
    if (!now) return true;
    const isWritten = Number(now.metadata.resourceVersion) > Number(claim.metadata.resourceVersion);
    return isWritten && now.metadata.annotations?.[SELECTED_NODE] !== nodeName;
  }
}

function promised(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { name, namespace = '', uid, resourceVersion } = claim.metadata;
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion };
  const marks = isReservedFor(volume, claim) ? {} : { [BOUND_BY_CONTROLLER]: 'yes' };
  return annotated({ ...volume, spec: { ...volume.spec, claimRef } }, marks);
}

function annotated<T extends PersistentVolume | PersistentVolumeClaim>(object: T, marks: Record<string, string>): T {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, ...marks } } };
}
