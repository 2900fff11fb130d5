/** Objects of core/v1 in the server's own form, as its refusals show them. */
import type { PodSpec, PodTemplateSpec } from '#common/kube/types';
import { unifiedDiff } from '../unified-diff';
import { SHAPES } from './go-shapes';

type Fields = Readonly<Record<string, unknown>>;

interface Field {
  name: string;
  type: string;
}

/** Read when the first refusal needs them. */
let known: ReadonlyMap<string, readonly Field[]> | undefined;

function shapes(): ReadonlyMap<string, readonly Field[]> {
  known ??= new Map(
    SHAPES.replaceAll(/\n {4}/g, ' ')
      .split('\n')
      .map((line) => line.trim().split(' '))
      .map(([name = '', ...fields]) => [name, fields.map(readField)]),
  );
  return known;
}

function readField(text: string): Field {
  const colon = text.indexOf(':');
  return colon < 0 ? { name: '', type: text } : { name: text.slice(0, colon), type: text.slice(colon + 1) };
}

/** Fields that are called otherwise outside. Others differ by capitals only. */
const OUTSIDE: Readonly<Record<string, string>> = {
  EndpointsName: 'endpoints',
  CephMonitors: 'monitors',
  RBDImage: 'image',
  RBDPool: 'pool',
  RadosUser: 'user',
  DataDiskURI: 'diskURI',
  DiscoveryCHAPAuth: 'chapAuthDiscovery',
  SessionCHAPAuth: 'chapAuthSession',
};

const EMPTY: Readonly<Record<string, unknown>> = { s: '', n: 0, b: false, q: '0' };

/** What differs between two values of one struct, line by line. */
export function goDiff(before: object, after: object, struct: string): string {
  return unifiedDiff(text(before, struct), text(after, struct));
}

export function podTemplateInGo({ metadata, spec }: PodTemplateSpec): Record<string, unknown> {
  return goForm({ metadata, spec: spec && withHostFields(spec) }, 'PodTemplateSpec');
}

export const podDiff = (before: PodSpec, after: PodSpec): string =>
  goDiff(withHostFields(before), withHostFields(after), 'PodSpec');

/** Inside, they stand in the security context. */
function withHostFields(spec: PodSpec): object {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers } = spec;
  const security = { ...spec.securityContext, hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers };
  return { ...spec, securityContext: security };
}

const text = (value: object, struct: string): string => JSON.stringify(goForm(value as Fields, struct), undefined, 1);

function goForm(value: Fields, struct: string): Record<string, unknown> {
  const form: Record<string, unknown> = {};
  const outside = new Map(Object.keys(value).map((key) => [key.toLowerCase(), key]));
  for (const { name, type } of shapes().get(struct) ?? []) {
    if (type === '!meta') Object.assign(form, inOrder(value['metadata']));
    else if (type.startsWith('!')) Object.assign(form, goForm(value, type.slice(1)));
    else {
      const key = OUTSIDE[name];
      const stands = key !== undefined && key in value ? key : (outside.get(name.toLowerCase()) ?? '');
      form[name] = goValue(value[stands], type);
    }
  }
  return form;
}

function goValue(value: unknown, type: string): unknown {
  if (type in EMPTY) return value ?? EMPTY[type];
  if (type === '*') return inOrder(value ?? null);
  if (type === '{}') return isFilled(value) ? inOrder(value) : null;
  if (type.startsWith('[]')) return listInGo(value, type.slice(2));
  if (type.startsWith('*')) return value ? goForm(value as Fields, type.slice(1)) : null;
  return goForm((value ?? {}) as Fields, type);
}

function listInGo(value: unknown, struct: string): unknown {
  if (!Array.isArray(value) || value.length === 0) return null;
  return struct ? value.map((item) => goForm(item as Fields, struct)) : value;
}

const isFilled = (value: unknown): boolean => Object.keys((value ?? {}) as object).length > 0;

/** Go writes maps in the order of their keys. */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, inOrder(inner)]));
}
