import type { Clock } from '#common/base/clock';
import type { Random } from '#common/base/random';
import type { AnyObject, KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';

import type { Versions } from '#main/sandbox/machinery/versions';
import type { AccessCheck } from '#main/sandbox/cel/authorizer-functions';
import type { Reinvocation } from './reinvocation';

/** A group and version in which a resource is served. */
export interface AdmissionForm {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  /** Absent for the form in which it is stored. Rejects with ApiStatusError where somebody else is asked. */
  toServed?(object: AnyObject): AnyObject | Promise<AnyObject>;
  toStored?(object: AnyObject): AnyObject | Promise<AnyObject>;
}

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
  /** The form in which it was sent, where that is not the one that is stored. */
  readonly requested?: AdmissionForm | undefined;
  /** A private copy; `mutate` may edit it. Absent for DELETE. */
  readonly object?: AnyObject | undefined;
  readonly oldObject?: AnyObject | undefined;
  readonly user: AdmissionUser;
  readonly dryRun: boolean;
  /** Texts of Warning headers; plugins add theirs. */
  readonly warnings: string[];
  /** The versions of a custom resource, in each of which it may be judged. */
  readonly versions?: Versions;
}

export interface AdmissionUser {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What plugins may look at. */
export interface AdmissionCluster {
  readonly clock: Clock;
  readonly random: Random;
  get<T extends KubeObject>(resource: TypedResource<T>, key: string): T | undefined;
  list<T extends KubeObject>(resource: TypedResource<T>, namespace?: string): Iterable<T>;
  /** What a user may do, for expressions that ask. */
  authorize(check: AccessCheck): { allowed: boolean; reason: string };
  /** The other forms in which the resource of a write is served. */
  forms(request: AdmissionRequest): readonly AdmissionForm[];
  /** Stores another state of an object that was just read, at once: nobody comes between. */
  replace<T extends KubeObject>(resource: TypedResource<T>, key: string, object: T): void;
}

/** One rule of the cluster about writes. Refusals are thrown as ApiStatusErrors. */
export interface AdmissionPlugin {
  readonly name: string;
  /** May be called a second time for one write, when others changed the object meanwhile. */
  mutate?(request: AdmissionRequest, cluster: AdmissionCluster, reinvocation: Reinvocation): void | Promise<void>;
  validate?(request: AdmissionRequest, cluster: AdmissionCluster): void | Promise<void>;
}
