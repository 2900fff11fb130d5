import { describe, expect, it } from 'vitest';
import { schemaValue } from './schema-value';

describe('a value as rules see it', () => {
  it('is typed by its schema', () => {
    const schema = {
      properties: {
        size: { type: 'integer' },
        share: { type: 'number' },
        since: { type: 'string', format: 'date-time' },
      },
    };
    expect(schemaValue({ size: 1, share: 1, since: '2026-01-01T00:00:00Z' }, schema)).toEqual({
      size: 1n,
      share: 1,
      since: new Date('2026-01-01T00:00:00Z'),
    });
  });

  it('escapes the names of fields, not the keys of maps', () => {
    const schema = {
      properties: { namespace: { type: 'string' }, 'a-b': { additionalProperties: { type: 'string' } } },
    };
    expect(schemaValue({ namespace: 'x', 'a-b': { 'c-d': 'e' } }, schema)).toEqual({
      __namespace__: 'x',
      namespace: 'x',
      a__dash__b: { 'c-d': 'e' },
    });
  });
});
