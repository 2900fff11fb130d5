import { describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { execText, printed, testContainer } from '#test/harness/test-container';
import type { Container } from '../../container';
import { commandThreads, heapFor } from './command-threads';

const script = (text: string, options: Parameters<typeof testContainer>[1] = {}): Container =>
  testContainer('busybox', { command: ['sh', '-c', text], ...options });

/** Turns of the event loop until something is over: where it is held up there are hardly any. */
async function turnsUntil(over: Promise<unknown>): Promise<number> {
  const state = { isOver: false };
  void over.finally(() => (state.isOver = true));
  let turns = 0;
  while (!state.isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    turns++;
  }
  return turns;
}

const busy = async (): Promise<void> => {
  while (commandThreads.size === 0) await new Promise((resolve) => setImmediate(resolve));
};

describe('a command that takes long', { timeout: 30_000 }, () => {
  it.each([
    { text: "awk 'BEGIN{for(i=0;i<9000;i++)x+=i; print x}'", lines: ['40495500'] },
    { text: 'seq 1 20000 | sort -n | tail -1', lines: ['20000'] },
    { text: 'seq 1 3000 > /tmp/n; sed s/9/8/g /tmp/n | grep -c 8', lines: ['1464'] },
    { text: 'for i in 1 2; do seq 20000 | grep -c $i; done', lines: ['13439', '6879'] },
    { text: 'x=$(seq 20000 | wc -l); echo $((x + 1))', lines: ['20001'] },
    { text: 'yes | head -n 1000000 > /dev/null; echo $?', lines: ['0'] },
    { text: 'head -c 1000000 /dev/zero | md5sum', lines: ['879f4bba57ed37c9ec5e5aedf9864698  -'] },
  ])('leaves the thread of the cluster to others: $text', async ({ text, lines }) => {
    const one = script(text);
    const running = one.run();
    expect(await turnsUntil(running)).toBeGreaterThan(50);
    expect(printed(one).map((line) => line.trim())).toEqual(lines);
    expect(one.cpuMs).toBeGreaterThan(0);
  });

  it('ends at once with its container, and nobody else notices', async () => {
    const endless = script("awk 'BEGIN{while(1) x++}'");
    const running = endless.run();
    await busy();
    const other = testContainer('busybox', { command: ['sleep', '1000'] });
    const beside = execText(other, ['sh', '-c', 'seq 1 20000 | tail -n 1']);
    endless.kill();
    expect(await running).toEqual({ exitCode: 137 });
    expect((await beside).out).toBe('20000\n');
  });

  it('fails as it would here, with its own words', async () => {
    const { out, err, code } = await execText(script('sleep 1'), ['sh', '-c', 'seq 20000 | grep x /nosuch; echo $?']);
    expect([out, err, code]).toEqual(['2\n', 'grep: /nosuch: No such file or directory\n', 0]);
  });

  it.each([
    { text: 'set -o pipefail; seq 20000 | grep -q x | wc -l; echo $?', lines: ['0', '1'] },
    { text: 'seq 20000 | grep -q x | wc -l; echo $? ${PIPESTATUS[0]} ${PIPESTATUS[1]}', lines: ['0', '0 0 1'] },
    { text: 'set -o pipefail; echo a | grep -q x | wc -l; echo $?', lines: ['0', '1'] },
  ])('tells how each part of its pipeline ended: $text', async ({ text, lines }) => {
    const one = script(text, { command: ['bash', '-c', text], profile: { shells: ['sh', 'bash'] } });
    await one.run();
    expect(printed(one)).toEqual(lines);
  });

  it.each([
    { text: 'awk \'BEGIN{x="aaaaaaaaaaaaaaaa"; while(1) x = x x}\'', memoryLimit: 2 ** 26 },
    { text: 'x=a; while :; do x=$x$x; done', memoryLimit: undefined },
    { text: 'cat /dev/zero | tail', memoryLimit: 2 ** 27 },
  ])('is killed with its container when memory is used up: $text', async ({ text, memoryLimit }) => {
    expect(await script(text, { memoryLimit }).run()).toEqual({ exitCode: 137, outOfMemory: true });
  });
});

describe('what never ends', () => {
  it.each(['yes > /dev/null', 'sha1sum /dev/zero', 'dd if=/dev/zero of=/dev/null', 'gzip < /dev/urandom > /dev/null'])(
    'keeps a core busy, or what its container may use, and no thread of ours: %s',
    async (text) => {
      const clock = new ManualClock();
      const [free, limited] = [script(text, { clock }), script(text, { clock, cpuLimit: 0.1 })];
      const running = [free.run(), limited.run()];
      for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve));
      const before = [free.cpuMs, limited.cpuMs];
      await clock.advance(10_000);
      expect(free.cpuMs - before[0]!).toBeCloseTo(10_000, -1);
      expect(limited.cpuMs - before[1]!).toBeCloseTo(1000, -1);
      for (const one of [free, limited]) one.kill();
      await Promise.all(running);
    },
  );

  it('prints as fast as anybody can read', async () => {
    const clock = new ManualClock();
    const one = script('yes no', { clock });
    const running = one.run();
    while (printed(one).length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(printed(one).slice(0, 2)).toEqual(['no', 'no']);
    one.kill();
    await running;
  });
});

describe('the heap of a thread', () => {
  it.each([
    [2 ** 20, 64],
    [100 * 2 ** 20, 128],
    [Infinity, 512],
  ])('for a container that may use %d bytes is %d MiB', (limit, mebibytes) => expect(heapFor(limit)).toBe(mebibytes));
});

describe('dd', () => {
  it.each([
    {
      image: 'busybox',
      said: '2+0 records in\n2+0 records out\n2048 bytes (2.0KB) copied, 0.000100 seconds, 19.5MB/s\n',
    },
    {
      image: 'debian',
      said: '2+0 records in\n2+0 records out\n2048 bytes (2.0 kB, 2.0 KiB) copied, 0.0001 s, 20 MB/s\n',
    },
  ])('copies blocks in $image', async ({ image, said }) => {
    const one = testContainer(image, { command: ['sleep', '1000'] });
    const copied = await execText(one, ['sh', '-c', 'dd if=/dev/zero of=/tmp/f bs=1k count=2; wc -c < /tmp/f']);
    expect(copied).toEqual({ out: '2048\n', err: said, code: 0 });
  });
});
