import { describe, expect, it } from 'vitest';
import { AsyncQueue } from '#common/base/queue';
import type { ProcessStreams } from '#main/base/process-streams';
import { isMissingProgram } from './shells';
import { TerminalOutput } from './terminal-output';

function output() {
  const stdout = new AsyncQueue<Uint8Array>();
  const texts = new TerminalOutput({ stdout } as unknown as ProcessStreams);
  return { stdout, texts, reader: texts.texts(new AbortController().signal) };
}

describe('TerminalOutput', () => {
  it('puts the bytes of one character together that arrive apart', async () => {
    const { stdout, reader } = output();
    const bytes = new TextEncoder().encode('集');
    await stdout.push(bytes.subarray(0, 2));
    await stdout.push(bytes.subarray(2));
    expect((await reader.next()).value).toBe('集');
  });

  it('gives all that came since the last item at once, and ends with the process', async () => {
    const { stdout, reader } = output();
    for (const text of ['a', 'b', 'c']) await stdout.push(new TextEncoder().encode(text));
    stdout.end();
    const items: string[] = [];
    for await (const text of reader) items.push(text);
    expect(items.join('')).toBe('abc');
  });

  it('holds the process back while the window does not read', async () => {
    const { stdout, texts, reader } = output();
    const chunk = new Uint8Array(1 << 16).fill(97);
    for (let index = 0; index < 20; index++) void stdout.push(chunk);
    await texts.first();
    await new Promise((resolve) => setImmediate(resolve));
    expect(stdout.size).toBeGreaterThan(10);
    await reader.return(undefined);
  });

  it('tells the first text, or that there was none', async () => {
    const silent = output();
    silent.stdout.end();
    expect(await silent.texts.first()).toBe('');
    const talking = output();
    await talking.stdout.push(new TextEncoder().encode('$ '));
    expect(await talking.texts.first()).toBe('$ ');
  });
});

describe('isMissingProgram', () => {
  it.each<[number, string, boolean]>([
    [126, '', true],
    [127, '', true],
    [127, 'bash: command not found', true],
    [1, 'OCI runtime exec failed: exec: "bash": executable file not found in $PATH: unknown', true],
    [0, 'root@web:/# ', false],
    [0, '', false],
    [130, '', false],
    [127, 'root@web:/# exit 127', false],
  ])('%i %j', (code, words, expected) => {
    expect(isMissingProgram(code, words)).toBe(expected);
  });
});
