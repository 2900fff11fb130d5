import { describe, expect, it } from 'vitest';
import type { LogLine } from '#common/contract/logs';
import { LogModel } from './log-model';
import { readPattern } from './pattern';

const words = ({ state }: { state: string }, source: string) => `${source} ${state}`;

function line(text: string, pod = 'web-abc', container = 'web'): LogLine {
  return { pod, container, time: '2026-11-20T09:41:07.118000001Z', text };
}

function pattern(text: string) {
  const result = readPattern(text);
  return 'pattern' in result ? result.pattern : undefined;
}

function modelOf(...texts: string[]): LogModel {
  const model = new LogModel(words, 100);
  model.take({ lines: texts.map((text) => line(text)), notices: [] });
  return model;
}

const shown = (model: LogModel) =>
  Array.from({ length: model.shown.length }, (_, index) => model.ring.text(model.shown.numberAt(index)));

describe('LogModel', () => {
  it('shows what happened to a source as a line of its own, but not that it began', () => {
    const model = modelOf('a');
    const notice = { pod: 'web-abc', container: 'web', message: '' };
    model.take({
      lines: [],
      notices: [
        { ...notice, state: 'started' },
        { ...notice, state: 'ended' },
      ],
    });
    expect(shown(model)).toEqual(['a', 'abc ended']);
    expect(model.ring.isNotice(1)).toBe(true);
  });

  it('shows lines of a level and worse', () => {
    const model = modelOf('INFO a', 'WARN b', 'plain', 'ERROR c');
    model.setCriteria({ level: 'warn' });
    model.advance();
    expect(shown(model)).toEqual(['WARN b', 'ERROR c']);
  });

  it('filters what is read, not what is sent', () => {
    const model = modelOf('\u001b[31mDB\u001b[0m_HOST', 'other');
    model.setCriteria({ level: 'none', filter: pattern('db_host') });
    expect(model.advance()).toBe(true);
    expect(shown(model)).toHaveLength(1);
  });

  it('searches only what is shown', () => {
    const model = modelOf('INFO needle', 'ERROR needle', 'ERROR hay');
    model.setSearch(pattern('needle'));
    model.advance();
    expect(model.hits.length).toBe(2);
    model.setCriteria({ level: 'error' });
    model.advance();
    expect(model.hits.length).toBe(1);
    model.setSearch(undefined);
    model.advance();
    expect(model.hits.length).toBe(0);
  });

  it('shows one source of several', () => {
    const model = modelOf('a');
    model.take({ lines: [line('b', 'web-xyz')], notices: [] });
    model.setCriteria({ level: 'none', source: 1 });
    model.advance();
    expect(shown(model)).toEqual(['b']);
  });

  it('writes a file with exact times, with sources when there are several', () => {
    const model = modelOf('\u001b[31ma\u001b[0m');
    expect(model.text('all')).toBe('2026-11-20T09:41:07.118000001Z a\n');
    model.take({ lines: [line('b', 'web-xyz')], notices: [] });
    expect(model.text('all')).toBe(
      'web-abc/web 2026-11-20T09:41:07.118000001Z a\nweb-xyz/web 2026-11-20T09:41:07.118000001Z b\n',
    );
  });
});
