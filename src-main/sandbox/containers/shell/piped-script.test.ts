import { describe, expect, it } from 'vitest';
import { AsyncQueue } from '#common/base/queue';
import { isWhole, PipedScript } from './piped-script';

describe('a script that comes through a pipe', () => {
  it.each([
    ['echo one\n', true],
    ['if true\n', false],
    ['if true; then\n echo yes\nfi\n', true],
    ['cat <<EOF\nabc\n', false],
    ['cat <<"EOF"\nabc\nEOF\n', true],
    ['echo "a\n', false],
    ['echo a |\n', false],
    ['echo a \\\n', false],
    ['x=$(ls\n', false],
  ])('%j is whole: %s', (lines, expected) => {
    expect(isWhole(lines)).toBe(expected);
  });

  it('gives each statement as soon as it is whole, and at the end what is left', async () => {
    const input = new AsyncQueue<Uint8Array>();
    const script = new PipedScript(input);
    const say = (text: string) => input.push(Buffer.from(text));
    void say('echo o');
    void say('ne\necho tw');
    expect(await script.next()).toBe('echo one\n');
    void say('o; if true\n');
    void say('then echo three\nfi\n');
    expect(await script.next()).toBe('echo two; if true\nthen echo three\nfi\n');
    void say('if');
    input.end();
    expect(await script.next()).toBe('if');
    expect(await script.next()).toBeUndefined();
  });
});
