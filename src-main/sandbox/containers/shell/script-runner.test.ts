import { describe, expect, it } from 'vitest';
import { testContainer, printed, execText } from '#test/harness/test-container';

const run = async (script: string, image = 'busybox') => {
  const one = testContainer(image, { command: ['sh', '-c', script] });
  const { exitCode } = await one.run();
  return { lines: printed(one), exitCode };
};

describe('a script', () => {
  it.each([
    {
      case: 'keeps what a match captured',
      script: '[[ web-2 =~ -([0-9]+)$ ]] || exit 1\necho $((100 + ${BASH_REMATCH[1]}))',
      lines: ['102'],
    },
    { case: 'keeps arrays', script: 'a=(one two)\necho ${a[1]}', lines: ['two'] },
    { case: 'pipes a function', script: 'f() { for i in 2 1; do echo $i; done; }\nf | sort', lines: ['1', '2'] },
    { case: 'waits for what it started', script: 'sleep 0 & pid=$!\nwait $pid; echo $?', lines: ['0'] },
    { case: 'passes functions on to the background', script: 'f() { echo $1; }\nf late &\nwait', lines: ['late'] },
    { case: 'ends with what it became', script: 'exec echo gone\necho never', lines: ['gone'] },
    { case: 'reads another file', script: 'echo "x=5" > /tmp/a; . /tmp/a; echo $x', lines: ['5'] },
    { case: 'evaluates', script: 'eval "for i in 1 2; do echo $((3)); done"', lines: ['3', '3'] },
    { case: 'reads lines', script: 'printf "a b\\nc d\\n" | while read x y; do echo "$y"; done', lines: ['b', 'd'] },
    { case: 'redirects errors', script: 'nosuch 2>/dev/null; ls /nosuch 2>&1 | wc -l', lines: ['1'] },
    {
      case: 'hands on what other commands run',
      script: "printf '1 2' | xargs -n 1 echo n | sort -r | head -n1",
      lines: ['n 2'],
    },
    { case: 'traces', script: 'set -ex\nfor i in 1; do echo $i; done', lines: ['+ echo 1', '1'] },
  ])('$case', async ({ script, lines }) => {
    const result = await run(script);
    expect(result.lines.map((line) => line.trim()).toSorted()).toEqual(lines.toSorted());
    expect(result.exitCode).toBe(0);
  });

  it.each([
    'while true; do :; done',
    'f() { while true; do :; done; }; f',
    'until false; do true; done | cat',
    'x=$(while :; do :; done)',
    'sh -c "while true; do :; done"',
    'eval "while true; do :; done"',
    'for ((;;)); do :; done',
    'echo "while :; do :; done" > /tmp/l; . /tmp/l',
  ])('lets others go on while it runs %s', async (script) => {
    const busy = testContainer('busybox', { command: ['bash', '-c', script], profile: { shells: ['sh', 'bash'] } });
    const running = busy.run();
    let turns = 0;
    while (turns < 50) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    // Another container's work is done meanwhile.
    const other = testContainer('busybox', { command: ['sleep', '1000'] });
    expect((await execText(other, ['sh', '-c', 'echo served'])).out).toBe('served\n');
    expect(busy.cpuMs).toBeGreaterThan(0);
    busy.kill();
    expect((await running).exitCode).toBe(137);
  });

  it('prints from a function while the function still runs', async () => {
    const one = testContainer('busybox', { command: ['sh', '-c', 'main() { echo first; sleep 1000; }; main'] });
    const running = one.run();
    while (printed(one).length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(printed(one)).toEqual(['first']);
    one.kill();
    await running;
  });
});
