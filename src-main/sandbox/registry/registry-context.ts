import type { Clock } from '#common/base/clock';
import type { Random } from '#common/base/random';
import type { AnyObject } from '#common/kube/object';
import type { TypeSchema } from '#main/sandbox/machinery/schema';
import type { Versions } from '#main/sandbox/machinery/versions';
import type { Store } from '#main/sandbox/store/store';

/** Who sends a request, as authentication found out. */
export interface Requester {
  name: string;
  groups: readonly string[];
  uid?: string;
  extra?: Readonly<Record<string, readonly string[]>>;
}

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** A write on its way, as admission sees it. */
export interface AdmissionAttributes {
  operation: AdmissionOperation;
  group: string;
  version: string;
  plural: string;
  kind: string;
  subresource: string;
  namespace: string;
  name: string;
  /** The form in which it was sent, where that is not the one that is stored. */
  requested?: ServedForm['definition'] & { kind: string };
  /** The object to be stored: a private copy while mutating. Absent for DELETE. */
  object?: AnyObject | undefined;
  oldObject?: AnyObject | undefined;
  user: Requester;
  dryRun: boolean;
  /** Texts of Warning headers that admission adds. */
  warnings: string[];
  /** Other versions of the resource, for those who only know them; none where they are told apart by nobody. */
  versions?: Versions;
}

/** What the registry asks before it stores anything. Refusals are thrown as ApiStatusErrors. */
export interface Admission {
  mutate(attributes: AdmissionAttributes): void | Promise<void>;
  validate(attributes: AdmissionAttributes): void | Promise<void>;
}

/** What every registry of one server shares. */
export interface RegistryContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly admission: Admission;
}

/** Another version of a stored resource: who writes in it owns fields of its own, and errors name it. */
export interface ServedForm {
  readonly definition: { group: string; version: string; plural: string };
  readonly schema: TypeSchema | undefined;
  toServed(object: AnyObject): AnyObject;
}

export interface WriteRequest {
  user: Requester;
  dryRun: boolean;
  /** Owner of the fields that are written. */
  fieldManager: string;
  /** Where the write comes in: empty for the object itself. */
  subresource: string;
  /** A view that writes through another door (`scale`), as owner of the fields; when it wrote is not kept. */
  ownedThrough?: string;
  /** Empty for cluster-scoped objects. */
  namespace: string;
  /** How the request sees the resource, where it is stored in another form. */
  served?: ServedForm | undefined;
  /** The transform is made from the current state and may be repeated when that has changed. */
  isPatch?: boolean;
  /** Applying makes an object that is not there. */
  createsWhenMissing?: boolean;
  /** The object brings its managedFields: an apply has worked them out. */
  bringsManagedFields?: boolean;
}
