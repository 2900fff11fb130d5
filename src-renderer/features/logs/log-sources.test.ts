import { describe, expect, it } from 'vitest';
import { LogSources, sourceLabels } from './log-sources';

describe('sourceLabels', () => {
  it.each([
    { case: 'one Pod', sources: [['web-1-abc', 'web']], labels: ['abc'] },
    {
      case: 'several containers of one Pod',
      sources: [
        ['web-1', 'web'],
        ['web-1', 'log'],
      ],
      labels: ['web', 'log'],
    },
    {
      case: 'several Pods',
      sources: [
        ['web-1-abc', 'web'],
        ['web-1-xyz', 'web'],
      ],
      labels: ['abc', 'xyz'],
    },
    {
      case: 'Pods whose last parts are the same',
      sources: [
        ['web-0', 'c'],
        ['db-0', 'c'],
      ],
      labels: ['web-0', 'db-0'],
    },
    {
      case: 'several containers of several Pods',
      sources: [
        ['web-0', 'web'],
        ['web-1', 'log'],
      ],
      labels: ['0 web', '1 log'],
    },
  ])('$case', ({ sources, labels }) => {
    expect(sourceLabels(sources.map(([pod = '', container = '']) => ({ pod, container })))).toEqual(labels);
  });
});

describe('LogSources', () => {
  it('keeps the index of a source while others come', () => {
    const sources = new LogSources();
    expect([sources.indexOf('a-1', 'c'), sources.indexOf('a-2', 'c'), sources.indexOf('a-1', 'c')]).toEqual([0, 1, 0]);
    expect(sources.all.map(({ label, colour }) => [label, colour])).toEqual([
      ['1', 0],
      ['2', 1],
    ]);
  });
});
