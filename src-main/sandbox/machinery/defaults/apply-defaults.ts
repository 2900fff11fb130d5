/**
 * Fills in what a server of the release fills in when it reads a body: defaults that the types declare, and the rules of
 * the packages beside this file. Rules belong to types, so a Pod template deep inside a kind gets what any Pod template gets.
 */
import { roundUpToMilli } from '../quantity';
import { schemaOf, type FieldSchema, type Gvk, type TypeSchema, type ValueSchema } from '../schema';
import { admissionDefaults } from './admission';
import { apiextensionsDefaults, apiregistrationDefaults } from './extensions';
import { appsDefaults } from './apps';
import { autoscalingDefaults } from './autoscaling';
import { batchDefaults } from './batch';
import { coreDefaults } from './core';
import { networkingDefaults } from './networking';
import {
  authenticationDefaults,
  discoveryDefaults,
  flowcontrolDefaults,
  resourceDefaults,
  schedulingDefaults,
} from './others';
import { podDefaults } from './pods';
import { rbacDefaults } from './rbac';
import type { DefaultRule } from './rule';
import { storageDefaults } from './storage';

type Fields = Record<string, unknown>;

/**
 * Edits `draft`, a private copy that `checkFields` has passed; parts that have their defaults are not written to, so that
 * they may be shared with another object. Kinds without a schema (custom resources) are left alone. */
export function applyDefaults(draft: object, gvk: Gvk): void {
  const type = schemaOf(gvk);
  if (type) fill(draft as Fields, planOf(type));
}

interface Plan {
  readonly rule?: DefaultRule | undefined;
  /** Fields whose default the types declare. */
  readonly declared: readonly FieldSchema[];
  /** Fields below which something may need a default. */
  below: readonly FieldSchema[];
}

const RULES = new Map<string, DefaultRule>(
  [
    admissionDefaults,
    apiextensionsDefaults,
    apiregistrationDefaults,
    appsDefaults,
    authenticationDefaults,
    autoscalingDefaults,
    batchDefaults,
    coreDefaults,
    discoveryDefaults,
    flowcontrolDefaults,
    networkingDefaults,
    podDefaults,
    rbacDefaults,
    resourceDefaults,
    schedulingDefaults,
    storageDefaults,
  ].flatMap(({ prefix, rules }) => Object.entries(rules).map(([name, rule]) => [prefix + name, rule] as const)),
);

const plans = new Map<string, Plan>();

function planOf(type: TypeSchema): Plan {
  const known = plans.get(type.name);
  if (known) return known;
  const plan: Plan = { rule: RULES.get(type.name), declared: type.fields.filter(hasDefault), below: [] };
  plans.set(type.name, plan);
  plan.below = type.fields.filter((field) => needsDefaults(field.type, new Set([type.name])));
  return plan;
}

/** Go does not write a zero default of a field that is no pointer. */
function hasDefault(field: FieldSchema): boolean {
  if (field.default === undefined) return false;
  return field.pointer || !(field.default === '' || field.default === 0 || field.default === false);
}

function needsDefaults(type: ValueSchema, seen: Set<string>): boolean {
  if (type.shape === 'list') return needsDefaults(type.elements, seen);
  if (type.shape === 'map') return isQuantity(type.elements) || needsDefaults(type.elements, seen);
  if (type.shape !== 'struct' || seen.has(type.name)) return false;
  seen.add(type.name);
  return RULES.has(type.name) || type.fields.some((field) => hasDefault(field) || needsDefaults(field.type, seen));
}

const isQuantity = (type: ValueSchema): boolean => type.shape === 'scalar' && type.scalar === 'quantity';

function fill(value: Fields, plan: Plan): void {
  plan.rule?.(value);
  for (const field of plan.declared) value[field.name] ??= structuredClone(field.default);
  for (const field of plan.below) {
    const member = value[field.name];
    if (member !== undefined && member !== null) fillValue(member, field.type);
  }
}

function fillValue(value: unknown, type: ValueSchema): void {
  if (type.shape === 'struct') fill(value as Fields, planOf(type));
  else if (type.shape === 'list') for (const item of value as unknown[]) fillValue(item, type.elements);
  else if (type.shape === 'map') fillEntries(value as Fields, type.elements);
}

/** Maps of quantities are resource lists, which the server rounds up to thousandths. */
function fillEntries(entries: Fields, type: ValueSchema): void {
  for (const [key, value] of Object.entries(entries)) {
    if (!isQuantity(type)) {
      fillValue(value, type);
      continue;
    }
    const rounded = roundUpToMilli(value as string);
    if (rounded !== value) entries[key] = rounded;
  }
}
