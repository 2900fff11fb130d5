import { en } from './words/en';
import type { Said } from './words/said';
import { zh } from './words/zh';

export type Language = 'en' | 'zh';

const catalogues: Readonly<Record<Language, Readonly<Record<string, (values: never) => string>>>> = { en, zh };

/** Puts a sentence into words. A key that is not known (a newer host) says nothing. */
export function speak({ key, values }: Said | { key: string; values?: unknown }, language: Language = 'en'): string {
  const words = catalogues[language];
  return Object.hasOwn(words, key) ? (words[key]?.(values as never) ?? '') : '';
}
