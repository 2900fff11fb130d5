/**
 * A resource has several doors: the object itself, `status`, and the kind's own subresources. Each lets another part
 * through and takes the rest over from the stored object.
 */
import type { AnyObject } from '#common/kube/object';
import { MEMBER, type FieldSet } from '#main/sandbox/machinery/field-set';
import type { TypeSchema } from '#main/sandbox/machinery/schema';
import { emptyStruct } from '#main/sandbox/machinery/strict-fields';
import type { FieldError } from './field-errors';
import { badRequest } from './status-errors';
import type { Strategy, WriteContext } from './strategy';

/** What one door does with an object that comes in. */
export interface DoorRules {
  keepsGeneration?: boolean | undefined;
  prepare(next: AnyObject, current: AnyObject, context: WriteContext): void;
  complete?(next: AnyObject, current: AnyObject, context: WriteContext): void;
  validate(next: AnyObject, current: AnyObject): FieldError[];
}

/** The status of an object is nobody's to bring along. */
export function prepareNew(strategy: Strategy, draft: AnyObject, context: WriteContext, schema?: TypeSchema): void {
  const status = schema?.field('status')?.type;
  const isReset = !strategy.keepsStatus && !strategy.keepsNewStatus;
  if (status?.shape === 'struct' && isReset) draft['status'] = emptyStruct(status);
  strategy.prepareForCreate?.(draft, context);
}

export function rulesOf(strategy: Strategy, subresource: string): DoorRules {
  if (subresource === '') return mainDoor(strategy);
  const own = strategy.subresources?.[subresource];
  if (subresource === 'status') return statusDoor(strategy);
  if (!own) throw badRequest(`the subresource ${subresource} cannot be written`);
  return {
    keepsGeneration: own.keepsGeneration,
    prepare: (next, current, context) => own.prepare?.(next, current, context),
    validate: (next, current) => own.validate?.(next, current) ?? [],
  };
}

function mainDoor(strategy: Strategy): DoorRules {
  return {
    keepsGeneration: strategy.update?.keepsGeneration,
    prepare(next, current, context) {
      if (!strategy.keepsStatus) takeOver(next, current, 'status');
      strategy.update?.prepare?.(next, current, context);
    },
    complete: (next, current, context) => strategy.update?.complete?.(next, current, context),
    validate: (next, current) => [
      ...(strategy.validateUpdate?.(next, current) ?? strategy.validate?.(next) ?? []),
      ...(strategy.update?.validate?.(next, current) ?? []),
    ],
  };
}

function statusDoor(strategy: Strategy): DoorRules {
  const own = strategy.subresources?.['status'];
  return {
    prepare(next, current, context) {
      for (const field of new Set([...Object.keys(next), ...Object.keys(current)])) {
        if (field !== 'status' && field !== 'metadata') takeOver(next, current, field);
      }
      if (!own?.takesMetadata) takeOverMetadata(next, current);
      own?.prepare?.(next, current, context);
    },
    validate: (next, current) => own?.validate?.(next, current) ?? [],
  };
}

/** Annotations may come with a status, as kubelets and controllers send them. */
function takeOverMetadata(next: AnyObject, current: AnyObject): void {
  for (const field of ['labels', 'ownerReferences', 'finalizers'] as const) {
    const before = current.metadata[field];
    if (before === undefined) delete next.metadata[field];
    else Object.assign(next.metadata, { [field]: before });
  }
}

export function takeOver<T extends object, K extends keyof T>(next: T, current: Readonly<T>, field: K): void {
  if (current[field] === undefined) delete next[field];
  else next[field] = current[field];
}

const WITHOUT_STATUS: FieldSet = { 'f:status': MEMBER };
const ONLY_STATUS: FieldSet = { 'f:spec': MEMBER };

/** Fields that nobody comes to own by writing through a door, because it does not let them in. */
export function resetFieldsOf(subresource: string): FieldSet | undefined {
  if (subresource === '') return WITHOUT_STATUS;
  return subresource === 'status' ? ONLY_STATUS : undefined;
}
