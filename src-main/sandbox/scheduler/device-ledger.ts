import type { Scope } from '#common/base/scope';
import { DeviceClasses, ResourceClaims } from '#common/kube/resources';
import type { DeviceClass, Pod, ResourceV1ResourceClaim } from '#common/kube/types';
import type { Informer } from '#main/informer/informer';
import type { Informers } from '#main/informer/informers';
import type { ClusterEvent } from './cluster-event';
import type { DeviceView } from './cluster-view';

/** Claims of devices, and the classes that they ask for, as the scheduler's informers know them. */
export class DeviceLedger implements DeviceView {
  readonly #claims: Informer<ResourceV1ResourceClaim>;
  readonly #classes: Informer<DeviceClass>;
  readonly #scope: Scope;

  constructor(informers: Informers, scope: Scope) {
    this.#scope = scope;
    this.#claims = scope.add(informers.open(ResourceClaims)).informer;
    this.#classes = scope.add(informers.open(DeviceClasses)).informer;
  }

  async synced(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#claims.synced(signal), this.#classes.synced(signal)]);
  }

  /** Tells what happens to any of them. */
  subscribe(listener: (event: ClusterEvent) => void): void {
    this.#scope.add(
      this.#claims.subscribe((deltas) => {
        for (const { type, object, previous } of deltas) {
          if (type === 'removed') continue;
          listener({
            on: type === 'added' ? 'ResourceClaim/Add' : 'ResourceClaim/Update',
            before: previous,
            after: object,
          });
        }
      }),
    );
    this.#scope.add(
      this.#classes.subscribe((deltas) => {
        for (const { type, object, previous } of deltas) {
          if (type === 'removed') continue;
          listener({
            on: type === 'added' ? 'DeviceClass/Add' : 'DeviceClass/Update',
            before: previous,
            after: object,
          });
        }
      }),
    );
  }

  claim(namespace: string, name: string): ResourceV1ResourceClaim | undefined {
    return this.#claims.cache.get(`${namespace}/${name}`);
  }

  hasClass(name: string): boolean {
    return this.#classes.cache.get(name) !== undefined;
  }
}

/** Names of the claims that a Pod uses; undefined among them while one that is made for it is not made. */
export function deviceClaimsOf({ spec, status }: Pod): readonly (string | undefined)[] {
  return (spec.resourceClaims ?? []).flatMap(({ name, resourceClaimName }) => {
    if (resourceClaimName !== undefined) return [resourceClaimName];
    const made = status?.resourceClaimStatuses?.find((one) => one.name === name);
    // It was found that none is needed.
    return made && made.resourceClaimName === undefined ? [] : [made?.resourceClaimName];
  });
}

/** A Pod is not looked at before all its claims are there. */
export function waitsForClaims(pod: Pod, devices: DeviceView): boolean {
  const { namespace = '' } = pod.metadata;
  return deviceClaimsOf(pod).some((name) => {
    const claim = name === undefined ? undefined : devices.claim(namespace, name);
    return !claim || claim.metadata.deletionTimestamp !== undefined;
  });
}
