import { describe, expect, it } from 'vitest';
import { counter, gauge, Histogram, prometheusText } from './prometheus-text';

describe('metrics as text', () => {
  it('writes families with their samples, and none without', () => {
    const text = prometheusText([
      counter('requests_total', 'Requests so far.', [
        { labels: { verb: 'GET', path: '/a"b\\c' }, value: 3 },
        { labels: {}, value: 0.25, atMs: 1000 },
      ]),
      gauge('nothing', 'Nobody.', []),
    ]);
    expect(text).toBe(
      '# HELP requests_total Requests so far.\n# TYPE requests_total counter\n' +
        'requests_total 0.25 1000\nrequests_total{path="/a\\"b\\\\c",verb="GET"} 3\n',
    );
  });

  it.each([
    [0, '0'],
    [100_000, '100000'],
    [1_000_000, '1e+06'],
    [-1_234_567.5, '-1.2345675e+06'],
    [0.0001, '0.0001'],
    [0.000_012_5, '1.25e-05'],
    [Number.NaN, 'NaN'],
    [Infinity, '+Inf'],
  ])('writes %d as Go does: %s', (value, words) => {
    expect(prometheusText([gauge('a', 'A.', [{ value }])]).split('\n')[2]).toBe(`a ${words}`);
  });

  it('sorts by the values of labels, in the order of their names, and keeps buckets in theirs', () => {
    const [small, large] = [new Histogram([2, 10]), new Histogram([2, 10])];
    const samples = [...large.samples({ verb: 'b', group: 'x' }), ...small.samples({ verb: 'a', group: 'x' })];
    const lines = prometheusText([{ name: 'd', type: 'histogram', help: 'D.', samples }]).split('\n');
    expect(lines.slice(2, 8)).toEqual([
      'd_bucket{group="x",verb="a",le="2"} 0',
      'd_bucket{group="x",verb="a",le="10"} 0',
      'd_bucket{group="x",verb="a",le="+Inf"} 0',
      'd_sum{group="x",verb="a"} 0',
      'd_count{group="x",verb="a"} 0',
      'd_bucket{group="x",verb="b",le="2"} 0',
    ]);
  });

  it('adds buckets up', () => {
    const histogram = new Histogram([0.1, 1]);
    for (const value of [0.05, 0.5, 0.1, 7]) histogram.observe(value);
    const samples = histogram.samples({ verb: 'LIST' });
    expect(samples.map(({ suffix, labels, value }) => [suffix, labels?.['le'], value])).toEqual([
      ['_bucket', '0.1', 2],
      ['_bucket', '1', 3],
      ['_bucket', '+Inf', 4],
      ['_sum', undefined, 7.65],
      ['_count', undefined, 4],
    ]);
  });
});
