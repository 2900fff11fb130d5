import { describe, expect, it } from 'vitest';
import { parseManifest } from './manifest';

const contents = (text: string) =>
  parseManifest(text).map((document) => ('content' in document ? document.content : document.problem));

describe('parseManifest', () => {
  it('reads several documents and leaves empty ones out', () => {
    expect(contents('a: 1\n---\n---\n# only words\n---\nb: 2\n')).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('takes a List apart', () => {
    expect(contents('kind: List\nitems:\n- kind: Pod\n- kind: Service\n')).toEqual([
      { kind: 'Pod' },
      { kind: 'Service' },
    ]);
  });

  it.each([
    ['mode: 0644', { mode: 420 }],
    ['enabled: on', { enabled: true }],
    ['quoted: "on"', { quoted: 'on' }],
    ['ports: 8080:80', { ports: '8080:80' }],
    ['time: 12:30:45', { time: '12:30:45' }],
    ['date: 2026-01-02', { date: '2026-01-02' }],
    ['at: 2026-01-02T03:04:05Z', { at: '2026-01-02T03:04:05Z' }],
    ['base: &b {x: 1}\nmerged: {<<: *b, z: 2}', { base: { x: 1 }, merged: { x: 1, z: 2 } }],
  ])('reads %j as kubectl does', (text, expected) => {
    expect(contents(text)).toEqual([expected]);
  });

  it('says where a document cannot be read and keeps the others', () => {
    const [first, second] = contents('a: [1\n---\nb: 2\n');
    expect(first).toMatch(/line \d/);
    expect(second).toEqual({ b: 2 });
  });

  it.each(['just words', '- a list', '42'])('refuses %j, which is no object', (text) => {
    expect(contents(text)[0]).toMatch(/is a map/);
  });
});
