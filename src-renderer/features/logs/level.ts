/** How much a line matters, as far as it says so itself. */
export type LogLevel = 'none' | 'debug' | 'info' | 'warn' | 'error';

export const logLevels: readonly LogLevel[] = ['none', 'debug', 'info', 'warn', 'error'];

export interface FoundLevel {
  level: LogLevel;
  /** Where the word stands in the text, to be set off. */
  start: number;
  end: number;
}

const WORDS: Record<string, LogLevel> = {
  trace: 'debug',
  trc: 'debug',
  debug: 'debug',
  dbg: 'debug',
  info: 'info',
  inf: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  wrn: 'warn',
  error: 'error',
  err: 'error',
  fatal: 'error',
  ftl: 'error',
  panic: 'error',
  critical: 'error',
  crit: 'error',
  alert: 'error',
  emerg: 'error',
  severe: 'error',
};

const KLOG: Record<string, LogLevel> = { I: 'info', W: 'warn', E: 'error', F: 'error' };

const FIELD = /["']?\b(?:level|lvl|severity|loglevel)["']?\s*[=:]\s*["']?([a-z]+)/i;
const KLOG_HEAD = /^([IWEF])\d{4} \d\d:\d\d:\d\d/;
/** A level stands apart: in capitals, in brackets, or before a colon; `info` inside a sentence is only a word. */
const APART =
  /(?:^|[\s[(|<])(TRACE|TRC|DEBUG|DBG|INFO|INF|NOTICE|WARN|WARNING|WRN|ERROR|ERR|FATAL|FTL|PANIC|CRITICAL|CRIT|ALERT|EMERG|SEVERE)(?=$|[\s\]):|>])|[[(<|](trace|debug|info|notice|warn|warning|error|err|fatal|panic|crit|critical|alert|emerg)[\])>|]|(?:^|\s)(trace|debug|info|warn|warning|error|fatal|panic)(?=:\s)/;

/** A level is looked for at the head of a line only: further on, the words belong to the message. */
const HEAD_LENGTH = 160;

/** The level a line states: a `level=` or `"level":` field, klog's first letter, or a level word that stands apart. */
export function findLevel(text: string): FoundLevel | undefined {
  const head = text.length > HEAD_LENGTH ? text.slice(0, HEAD_LENGTH) : text;
  const klog = KLOG_HEAD.exec(head);
  if (klog?.[1]) return { level: KLOG[klog[1]] ?? 'none', start: 0, end: 1 };
  for (const pattern of [FIELD, APART]) {
    const match = pattern.exec(head);
    const word = match?.slice(1).find((group) => group !== undefined);
    const level = word && WORDS[word.toLowerCase()];
    if (!match || !word || !level) continue;
    const start = match.index + match[0].lastIndexOf(word);
    return { level, start, end: start + word.length };
  }
  return undefined;
}
