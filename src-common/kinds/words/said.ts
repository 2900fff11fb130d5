import type { en } from './en';

/** A catalogue of another language: the same keys with the same values. */
export type Words = { readonly [K in keyof typeof en]: (values: Parameters<(typeof en)[K]>[0]) => string };

type ValuesOf<K extends keyof Words> = Parameters<(typeof en)[K]>[0];

/** A sentence before it is put into words: its key and what it speaks of, as plain data. */
export type Said = { [K in keyof Words]: { key: K; values: ValuesOf<K> } }[keyof Words];

/** `say('pod.ready', { total: 2, node: 'node-1' })` */
export function say<K extends keyof Words>(
  key: K,
  ...values: undefined extends ValuesOf<K> ? [] : [ValuesOf<K>]
): Said {
  return { key, values: values[0] ?? {} } as unknown as Said;
}
