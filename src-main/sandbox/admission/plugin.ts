import type { Clock } from '#common/base/clock';
import type { Random } from '#common/base/random';
import type { AnyObject, KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';

import type { AccessCheck } from '#main/sandbox/cel/authorizer-functions';

/** A write as plugins see it. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** A private copy; `mutate` may edit it. Absent for DELETE. */
  readonly object?: AnyObject | undefined;
  readonly oldObject?: AnyObject | undefined;
  readonly user: { name: string; groups: readonly string[] };
  readonly dryRun: boolean;
  /** Texts of Warning headers; plugins add theirs. */
  readonly warnings: string[];
}

/** What plugins may look at. */
export interface AdmissionCluster {
  readonly clock: Clock;
  readonly random: Random;
  get<T extends KubeObject>(resource: TypedResource<T>, key: string): T | undefined;
  list<T extends KubeObject>(resource: TypedResource<T>, namespace?: string): Iterable<T>;
  /** What a user may do, for expressions that ask. */
  authorize(check: AccessCheck): { allowed: boolean; reason: string };
  /** Stores another state of an object that was just read, at once: nobody comes between. */
  replace<T extends KubeObject>(resource: TypedResource<T>, key: string, object: T): void;
}

/** One rule of the cluster about writes. Refusals are thrown as ApiStatusErrors. */
export interface AdmissionPlugin {
  readonly name: string;
  mutate?(request: AdmissionRequest, cluster: AdmissionCluster): void | Promise<void>;
  validate?(request: AdmissionRequest, cluster: AdmissionCluster): void | Promise<void>;
}
