import { describe, expect, it } from 'vitest';
import { prettyJson } from './elasticsearch';

describe('a pretty answer', () => {
  it('has spaces around its colons, and inside what is empty', () => {
    const text = JSON.stringify({ number_of_nodes: 3, mappings: {}, list: [], said: '"a": {}, b: []' });
    expect(prettyJson(text)).toBe(
      [
        '{',
        '  "number_of_nodes" : 3,',
        '  "mappings" : { },',
        '  "list" : [ ],',
        String.raw`  "said" : "\"a\": {}, b: []"`,
        '}',
        '',
      ].join('\n'),
    );
  });
});
