import { parse, type PipelineNode } from 'just-bash';
import { describe, expect, it } from 'vitest';
import { gathered, lineOf, stagesOf, tracedPipelines } from './pure-pipelines';

function pipeline(source: string): PipelineNode {
  const [found] = parse(source).statements[0]!.pipelines;
  return found!;
}

/** The words of the command that it becomes; nothing when it stays what it is. */
function words(source: string, defined: string[] = []): string[] | undefined {
  const before = pipeline(source);
  const after = gathered(before, new Set(defined));
  if (after === before) return undefined;
  const [command] = after.commands;
  if (command?.type !== 'SimpleCommand') throw new Error('not one command');
  return command.args.map(({ parts }) => String((parts[0] as { value?: string } | undefined)?.value));
}

describe('a pipeline of pure commands', () => {
  it.each([
    { source: 'seq 1 3 | sort -n', line: 'seq 1 3 | sort -n' },
    { source: "grep 'a b' f 2>/dev/null | wc -l", line: "grep 'a b' f 2>/dev/null | wc -l" },
    { source: 'cat f 2>&1 | wc -l', line: 'cat f 2>&1 | wc -l' },
    { source: 'yes >/dev/null', line: 'yes >/dev/null' },
    { source: 'seq 3 >/dev/null 2>&1', line: 'seq 3 2>/dev/null >/dev/null' },
    { source: 'gzip -9 < /dev/urandom > /dev/null', line: 'cat /dev/urandom | gzip -9 >/dev/null' },
  ])('$source is one command', ({ source, line }) => {
    expect(lineOf(stagesOf(words(source) ?? []))).toBe(line);
  });

  it.each([
    { source: 'sort f' },
    { source: 'curl x | sort' },
    { source: 'A=1 sort f | wc' },
    { source: 'sort f | tee a > b | wc' },
    { source: 'tail -f log | grep x' },
    { source: 'time seq 3 | sort' },
    { source: 'while read x; do echo $x; done | sort' },
  ])('$source stays what it is', ({ source }) => expect(words(source)).toBeUndefined());

  it('is left alone where a function has the name of a command', () => {
    expect(words('seq 3 | sort', ['sort'])).toBeUndefined();
  });

  it('is traced as it was written', () => {
    const traced = "+ __aside seq 1 3 $'\\x01|' sort -n $'\\x012>/dev/null' $'\\x01|' tail -1\n";
    expect(tracedPipelines(traced)).toBe('+ seq 1 3\n+ sort -n\n+ tail -1\n');
  });
});
