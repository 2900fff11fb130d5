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
        'requests_total{verb="GET",path="/a\\"b\\\\c"} 3\nrequests_total 0.25 1000\n',
    );
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
