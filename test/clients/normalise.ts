import { stripVTControlCharacters } from 'node:util';

/** In the order in which they are replaced. */
const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID'],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|[+-]\d\d:?\d\d))?( [A-Z]{3,4})?/g, 'TIME'],
  [/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (\d\d )?[A-Z][a-z]{2} +[\d:]+ [\d:]+( [+-]?\w+)?( \d{4})?/g, 'TIME'],
  [/\bX509SHA256=[0-9a-f]{64}/g, 'CERTIFICATE'],
  [/\b127\.0\.0\.1:\d+/g, 'SERVER'],
  [/\b10\.(96|244)\.\d+\.\d+\b/g, 'IP'],
  // Of a ReplicaSet, and of its Pods.
  [/-[0-9a-f]{8,10}(?=-[a-z0-9]{5}\b)/g, '-HASH'],
  [/-HASH-[a-z0-9]{5}\b/g, '-HASH-RANDOM'],
  [/-[0-9a-f]{8,10}(?=[\s"',)]|$)/g, '-HASH'],
  // Of a Job's Pods.
  [/(\bpod\/[a-z0-9-]+-)[a-z0-9]{5}$/gm, '$1RANDOM'],
  [/\b(pod-template-hash[:=] ?)[0-9a-f]{8,10}\b/g, '$1HASH'],
  [/\b(resourceVersion: )"\d+"/g, '$1REVISION'],
  [/("resourceVersion": )"\d+"/g, '$1"REVISION"'],
  [/\b(Resource Version: +)\d+/g, '$1REVISION'],
  // Ages, alone in a column or in brackets.
  [/(?<=^|\s|\()(\d+d)?(\d+h)?(\d+m)?\d+m?s(?=\s|\)|$)/g, 'AGE'],
];

/** Lines of a text without what differs between two clusters: identities, times, ages, addresses, widths of columns. */
export function linesOf(text: string): string[] {
  const stable = VOLATILE.reduce(
    (all, [pattern, token]) => all.replaceAll(pattern, token),
    stripVTControlCharacters(text),
  );
  return stable
    .split('\n')
    .map((line) => line.trimEnd().replaceAll(/(?<=\S) {2,}/g, '  '))
    .filter((line) => line !== '');
}
