import type { PodTemplateSpec } from '#common/kube/types';
import { sameJson } from '../runtime/same-json';

export const HASH_LABEL = 'pod-template-hash';

/** The letters Kubernetes writes numbers with where a name must not spell words (apimachinery rand.SafeEncodeString). */
const SAFE_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** A short name for a Pod template, the same for the same content; `collisions` moves on to another one. */
export function templateHash(template: PodTemplateSpec | undefined, collisions = 0): string {
  let hash = fnv32a(canonical(template));
  if (collisions > 0) hash = fnv32a(String(collisions), hash);
  return [...String(hash)].map((digit) => SAFE_LETTERS[digit.charCodeAt(0) % SAFE_LETTERS.length]).join('');
}

/** True when two templates make the same Pods: the hash label itself does not count. */
export function sameTemplate(left: PodTemplateSpec | undefined, right: PodTemplateSpec | undefined): boolean {
  return sameJson(withoutHash(left), withoutHash(right));
}

function withoutHash(template: PodTemplateSpec | undefined): unknown {
  const { [HASH_LABEL]: _, ...labels } = template?.metadata?.labels ?? {};
  return { ...template, metadata: { ...template?.metadata, labels, creationTimestamp: undefined } };
}

/** JSON with sorted keys: field order says nothing. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const fields = Object.entries(value).filter(([, content]) => content !== undefined && content !== null);
  const sorted = fields.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${sorted.map(([name, content]) => `${JSON.stringify(name)}:${canonical(content)}`).join()}}`;
}

/** Fowler–Noll–Vo 1a, 32 bits. */
function fnv32a(text: string, start = 0x811c9dc5): number {
  let hash = start;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
