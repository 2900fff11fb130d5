import type { Clock } from '#common/base/clock';
import type { Random } from '#common/base/random';
import type { AnyObject, KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import type { TypeSchema } from '#main/sandbox/machinery/schema';
import type { FieldSet } from '#main/sandbox/machinery/field-set';
import type { FieldError } from './field-errors';
import type { NameRule } from './names';
import type { Requester } from './registry-context';
import type { Reaction } from './reaction';
import type { StoredForm } from './stored-form';

/** What a strategy may look at besides the object. */
export interface WriteContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly dryRun: boolean;
  /** Who writes. */
  readonly user: Requester;
  /** Another object of the cluster, as it is stored now. */
  lookUp<T extends KubeObject>(resource: TypedResource<T>, key: string): T | undefined;
}

/** Thrown while preparing: what was asked for cannot be given. The registry answers 422. */
export class Refused extends Error {
  readonly fieldErrors: readonly FieldError[];

  constructor(...fieldErrors: FieldError[]) {
    super(fieldErrors.map(({ body }) => body).join('; '));
    this.fieldErrors = fieldErrors;
  }
}

/** What an update may change: of the main resource, or of one subresource. `next` is a private copy. */
export interface UpdateRules<T> {
  /** What comes in here is no change of the desired state. */
  readonly keepsGeneration?: boolean;
  /** Labels, owners and finalizers may be changed here too, though the door is not that of the object. */
  readonly takesMetadata?: boolean;
  /** Takes over from `current` what this door may not change. */
  prepare?(next: T, current: Readonly<T>, context: WriteContext): void;
  /** Changes of the server's own: who wrote the fields owns them as they were sent. */
  complete?(next: T, current: Readonly<T>, context: WriteContext): void;
  validate?(next: T, current: Readonly<T>): FieldError[];
  /** Texts of Warning headers, in place of those of the object itself. */
  warnings?(next: T, current: Readonly<T>): string[];
}

/** Every rule of a kind, its metadata's too, in the server's own order. `into` gathers what is wrong. */
export interface Checks<T> {
  create(object: T, into: FieldError[]): void;
  update(next: T, current: Readonly<T>, into: FieldError[]): void;
}

/** Rules that gather, as rules that answer. */
export function gathered<T>(
  check: (next: T, current: Readonly<T>, into: FieldError[]) => void,
): (next: T, current: Readonly<T>) => FieldError[] {
  return (next, current) => {
    const errors: FieldError[] = [];
    check(next, current, errors);
    return errors;
  };
}

/** Whether children are deleted, kept, or not looked for when nothing else is asked. */
export type GarbagePolicy = 'background' | 'orphan' | 'unsupported';

/**
 * What makes a kind different. The generic registry owns the order of every write, metadata, conflicts, finalizers and
 * deletion; everything here is optional, and a kind with nothing special has no file of its own.
 */
export interface Strategy<T extends KubeObject = AnyObject> {
  readonly resource: TypedResource<T>;
  /** Told by whoever declares the kind; the release's own table says it for built-in ones. */
  readonly schema?: TypeSchema;
  /** Where objects are stored; the resource's id unless given. */
  readonly collection?: string;
  /** How they lie there; as they are unless given. */
  readonly form?: StoredForm;
  /** Rule for `metadata.name`; a DNS subdomain unless given. */
  readonly names?: NameRule;
  /** `metadata.generation` counts changes of everything but metadata and status. */
  readonly countsGenerations?: boolean;
  /** A PUT makes the object when it is not there. */
  readonly createsOnUpdate?: boolean;
  /** A PUT must carry the resourceVersion it was read with. */
  readonly needsRevision?: boolean;
  /** DELETE answers with the object instead of a Status. */
  readonly returnsDeleted?: boolean;
  readonly garbage?: GarbagePolicy;
  /** A deletion of the kind's own: it has no grace period, and the generation does not tell of it. */
  readonly deletesItself?: boolean;
  /** The status comes with the object: the kind has no status subresource. */
  readonly keepsStatus?: boolean;
  /** A new object may bring its first status. */
  readonly keepsNewStatus?: boolean;
  /** Sets what the server writes into a new object in its sender's name: the sender comes to own it. */
  complete?(draft: T): void;
  prepareForCreate?(draft: T, context: WriteContext): void;
  validate?(object: T): FieldError[];
  /** The rules of an update, in place of `validate`. */
  validateUpdate?(next: T, current: Readonly<T>): FieldError[];
  /** In place of `validate`, `validateUpdate` and the common rules of metadata. */
  readonly checks?: Checks<T>;
  /** In place of `checks`, for what comes in as an object of another group. */
  readonly servedChecks?: Readonly<Record<string, Checks<T>>>;
  readonly update?: UpdateRules<T>;
  /** Fields that nobody comes to own by writing through a door (`` is the object itself), where they are not the usual ones. */
  readonly resets?: Readonly<Record<string, FieldSet>>;
  /** Rules of writable subresources; `status` has generic ones unless given. */
  readonly subresources?: Readonly<Record<string, UpdateRules<T>>>;
  /** Seconds to wait between the request to delete and the deletion; undefined for kinds that go at once. */
  graceSeconds?(object: T, asked: number | undefined): number | undefined;
  /** Something of the kind's own that keeps a deleted object alive, as finalizers do. */
  holdsDeletion?(object: T): boolean;
  /** Marks an object whose deletion has begun. */
  prepareForDelete?(draft: T): void;
  /** What the server itself makes of an object of this kind. */
  readonly reaction?: Reaction<T>;
  /** Values of the field labels that this kind knows besides name and namespace. */
  selectableFields?(object: T): Record<string, string>;
  /** Texts of Warning headers for an object that is accepted; `before` is missing for new ones. */
  warnings?(object: T, before?: Readonly<T>): string[];
  /** The text of the Warning header of a delete that does not say what becomes of the children. */
  readonly undecidedDeletion?: string;
  /** The object is stored: called once for every creation that is not a dry run. */
  afterCreate?(object: T): void;
  /** Another state of the object is stored. */
  afterUpdate?(object: T, before: T): void;
  /** The object is gone. */
  afterDelete?(object: T): void;
}

/** A strategy whose object type is not known to its caller. */
export function defineStrategy<T extends KubeObject>(strategy: Strategy<T>): Strategy {
  return strategy as unknown as Strategy;
}
