import type { LogBatch, LogNotice } from '#common/contract/logs';
import { plainText } from './ansi';
import { logLevels, type LogLevel } from './level';
import { LineList } from './line-list';
import { LineRing } from './line-ring';
import { LogSources } from './log-sources';
import { passes, type LogPattern } from './pattern';

/** Which lines are shown. Notices are always shown, except those of sources that are hidden. */
export interface LogCriteria {
  filter?: LogPattern | undefined;
  /** Lines of this level and worse; lines that state none stay hidden then. */
  level: LogLevel;
  /** Index of the only source to show. */
  source?: number | undefined;
}

/** How a notice is worded; the model itself knows no language. */
export type NoticeWords = (notice: LogNotice, source: string) => string;

/** The lines of one log view with what is shown of them and what was searched: plain data, outside any reactivity. */
export class LogModel {
  readonly ring: LineRing;
  readonly sources = new LogSources();
  /** The lines that pass the criteria. */
  readonly shown: LineList;
  /** Those of them that a search has found. */
  readonly hits: LineList;
  readonly #words: NoticeWords;
  #criteria: LogCriteria = { level: 'none' };
  #search: LogPattern | undefined;

  constructor(words: NoticeWords, capacity?: number) {
    this.ring = new LineRing(capacity);
    this.shown = new LineList(this.ring);
    this.hits = new LineList(this.ring);
    this.hits.setTest(() => false);
    this.#words = words;
  }

  /** Adds what came; lines first, then what happened to their sources. */
  take({ lines, notices }: LogBatch): void {
    for (const { pod, container, time, text } of lines) {
      this.ring.push({ source: this.sources.indexOf(pod, container), time, text });
    }
    for (const notice of notices) {
      if (notice.state === 'started') continue;
      const source = this.sources.indexOf(notice.pod, notice.container);
      const label = this.sources.at(source)?.label ?? notice.pod;
      this.ring.push({ source, time: '', text: this.#words(notice, label), notice: true });
    }
  }

  setCriteria(criteria: LogCriteria): void {
    this.#criteria = criteria;
    const all = !criteria.filter && criteria.level === 'none' && criteria.source === undefined;
    this.shown.setTest(all ? undefined : (number) => this.#isShown(number));
    this.setSearch(this.#search);
  }

  setSearch(search: LogPattern | undefined): void {
    this.#search = search;
    this.hits.setTest((number) => this.#isHit(number));
  }

  /** Goes on looking at lines, `budget` at most; true when nothing is left to look at. */
  advance(budget?: number): boolean {
    this.shown.advance(budget);
    if (this.#search) this.hits.advance(budget);
    return this.shown.complete && (!this.#search || this.hits.complete);
  }

  /** Forgets the lines, not the sources. */
  clear(): void {
    this.ring.clear();
    this.setCriteria(this.#criteria);
  }

  /** The lines as a file: with their exact time and source where there are several. */
  text(which: 'all' | 'shown'): string {
    const list = which === 'all' ? new LineList(this.ring) : this.shown;
    const several = this.sources.all.length > 1;
    const lines: string[] = [];
    for (let index = 0; index < list.length; index++) {
      const number = list.numberAt(index);
      const source = this.sources.at(this.ring.sourceOf(number));
      const parts = [
        ...(several && source ? [`${source.pod}/${source.container}`] : []),
        this.ring.exactTime(number),
        plainText(this.ring.text(number)),
      ];
      lines.push(this.ring.isNotice(number) ? `# ${this.ring.text(number)}` : parts.filter(Boolean).join(' '));
    }
    return lines.length > 0 ? `${lines.join('\n')}\n` : '';
  }

  #isShown(number: number): boolean {
    const { filter, level, source } = this.#criteria;
    if (source !== undefined && this.ring.sourceOf(number) !== source) return false;
    if (this.ring.isNotice(number)) return true;
    if (this.ring.levelRank(number) < logLevels.indexOf(level)) return false;
    return !filter || passes(filter, plainText(this.ring.text(number)));
  }

  #isHit(number: number): boolean {
    if (!this.#search || this.ring.isNotice(number)) return false;
    return this.#isShown(number) && passes(this.#search, plainText(this.ring.text(number)));
  }
}
