/** Lays a configuration over an object, and takes fields out of one, in the granularity in which fields are owned. */
import { MEMBER, below, isMember, type FieldSet } from './field-set';
import type { ListSchema, MapSchema, TypeSchema } from './schema';
import { associative, elementOf, granular, isFields, memberOf, type Fields, type Known } from './typed-values';

/** `config` wins; items keep the order that `config` gives them, with those of `live` in between. */
export function mergeConfig(live: Fields, config: Fields, type: TypeSchema): Fields {
  return mergeMembers(live, config, type);
}

function mergeMembers(live: Fields, config: Fields, type: TypeSchema | MapSchema): Fields {
  const merged: Fields = { ...live };
  for (const [key, value] of Object.entries(config)) {
    merged[key] = key in live ? mergeValues(live[key], value, memberOf(type, key)) : value;
  }
  return merged;
}

function mergeValues(live: unknown, config: unknown, type: Known): unknown {
  const members = granular(type, isFields(config) ? config : live);
  if (members && isFields(live)) {
    if (isFields(config)) return mergeMembers(live, config, members);
    return config === null && Object.keys(live).length > 0 ? live : config;
  }
  const list = associative(type);
  if (list && Array.isArray(live) && live.length > 0) {
    if (Array.isArray(config)) return mergeItems(live, config, list);
    return config === null ? live : config;
  }
  return config;
}

/** Walks both lists at once: items that only `live` has come as early as they may, the order of `config` is kept. */
function mergeItems(live: readonly unknown[], config: readonly unknown[], type: ListSchema): unknown[] {
  const liveElements = live.map((item) => elementOf(type, item));
  const configElements = config.map((item) => elementOf(type, item));
  const inLive = firsts(liveElements);
  const inConfig = new Set(configElements);
  const shared = configElements.filter((element) => inLive.has(element));
  const merged: unknown[] = [];
  const taken = new Set<string>();
  let left = 0;
  for (const [right, element] of configElements.entries()) {
    for (; left < live.length; left++) {
      const own = liveElements[left] ?? '';
      if (own === element) break;
      if (!inConfig.has(own)) merged.push(live[left]);
      else if (own === shared[0] && !taken.has(own)) break;
    }
    if (liveElements[left] === element) left++;
    const counterpart = inLive.get(element);
    merged.push(
      counterpart === undefined ? config[right] : mergeValues(live[counterpart], config[right], type.elements),
    );
    taken.add(element);
    if (shared[0] === element) shared.shift();
  }
  for (; left < live.length; left++) if (!inConfig.has(liveElements[left] ?? '')) merged.push(live[left]);
  return merged;
}

function firsts(elements: readonly string[]): Map<string, number> {
  const places = new Map<string, number>();
  for (const [at, element] of elements.entries()) if (!places.has(element)) places.set(element, at);
  return places;
}

/** `value` without the fields of `set`; undefined when nothing is left. Atomic values go as a whole. */
export function removeFields(value: Fields, set: FieldSet, type: TypeSchema): Fields {
  return (removeMembers(value, set, type) as Fields | undefined) ?? {};
}

function removeMembers(value: Fields, set: FieldSet, type: TypeSchema | MapSchema): Fields | undefined {
  const left: Fields = {};
  for (const [key, member] of Object.entries(value)) {
    const doomed = set[`f:${key}`];
    if (doomed === undefined) left[key] = member;
    else if (!isMember(doomed)) left[key] = removeInside(member, doomed, memberOf(type, key)) ?? null;
  }
  return Object.keys(left).length > 0 ? left : undefined;
}

function removeInside(value: unknown, set: FieldSet, type: Known): unknown {
  const members = granular(type, value);
  if (members && isFields(value)) return removeMembers(value, set, members);
  const list = associative(type);
  return list && Array.isArray(value) ? removeItems(value, set, list) : undefined;
}

function removeItems(value: readonly unknown[], set: FieldSet, type: ListSchema): unknown[] | undefined {
  const left: unknown[] = [];
  for (const item of value) {
    const doomed = set[elementOf(type, item)];
    if (doomed === undefined) left.push(item);
    else if (!isMember(doomed)) left.push(removeInside(item, doomed, type.elements));
  }
  return left.length > 0 ? left : undefined;
}

/** The set with every declared struct field along its paths in it too, so that taking all of it out leaves no empty struct. */
export function withNamedFields(set: FieldSet, type: Known): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const [element, own] of Object.entries(set)) {
    if (element === '.') {
      result[element] = MEMBER;
      continue;
    }
    const isDeclared =
      type?.shape === 'struct' && element.startsWith('f:') && type.field(element.slice(2)) !== undefined;
    const inside = withNamedFields(own, typeBelow(element, type));
    const { '.': _self, ...children } = inside;
    result[element] = below(isDeclared || isMember(own), children) ?? MEMBER;
  }
  return result;
}

function typeBelow(element: string, type: Known): Known {
  if (type?.shape === 'list') return element.startsWith('k:') ? type.elements : undefined;
  if (!element.startsWith('f:') || (type?.shape !== 'struct' && type?.shape !== 'map')) return undefined;
  return memberOf(type, element.slice(2));
}
