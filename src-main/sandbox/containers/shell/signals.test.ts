import { describe, expect, it } from 'vitest';
import { execText, printed, testContainer } from '#test/harness/test-container';

const script = (text: string, image = 'busybox') => testContainer(image, { command: ['sh', '-c', text] });

async function untilPrinted(one: ReturnType<typeof script>, line: string): Promise<void> {
  while (!printed(one).includes(line)) await new Promise((resolve) => setImmediate(resolve));
}

describe('signals', () => {
  it('are kept from a shell without a handler, which only KILL ends', async () => {
    const one = script('echo up; while true; do sleep 0.01; done');
    const running = one.run();
    await untilPrinted(one, 'up');
    one.signal('TERM');
    expect(await Promise.race([running, new Promise((resolve) => setTimeout(() => resolve('alive'), 100))])).toBe(
      'alive',
    );
    one.kill();
    expect(await running).toEqual({ exitCode: 137 });
  });

  it('run the handler of a shell after the command it is at', async () => {
    const one = script(`trap 'echo bye; exit 3' TERM\necho up\nwhile true; do sleep 0.01; done`);
    const running = one.run();
    await untilPrinted(one, 'up');
    one.signal('TERM');
    expect(await running).toEqual({ exitCode: 3 });
    expect(printed(one)).toEqual(['up', 'bye']);
  });

  it('end a wait, and reach what runs in the background', async () => {
    const one = script(
      `trap 'kill $child; echo stopping' TERM\nsleep 60 & child=$!\necho up\nwait $child; wait $child; echo $?`,
    );
    const running = one.run();
    await untilPrinted(one, 'up');
    one.signal('SIGTERM');
    expect(await running).toEqual({ exitCode: 0 });
    expect(printed(one)).toEqual(['up', 'stopping', '143']);
  });

  it.each(['exec nginx', 'nginx'])('reach the program that took the place of the shell: %s', async (text) => {
    const one = script(text, 'nginx:1.29');
    const running = one.run();
    while (one.ports.length === 0) await new Promise((resolve) => setImmediate(resolve));
    one.signal('QUIT');
    expect(await running).toEqual({ exitCode: 0 });
  });

  it('keep the status of the command before them', async () => {
    const one = script(`trap 'echo never' TERM; false; echo $?`);
    expect(await one.run()).toEqual({ exitCode: 0 });
    expect(printed(one)).toEqual(['1']);
  });

  it('run what is to be done at the end', async () => {
    const one = script(`trap 'echo last' EXIT; echo first; exit 4`);
    expect(await one.run()).toEqual({ exitCode: 4 });
    expect(printed(one)).toEqual(['first', 'last']);
  });

  it('end any first process that shares its namespace', async () => {
    const one = testContainer('busybox', { command: ['sleep', '60'], sharesProcesses: true });
    const running = one.run();
    one.signal('TERM');
    expect(await running).toEqual({ exitCode: 143 });
  });
});

describe('memory', () => {
  it('kills a container that takes more than its limit', async () => {
    const command = ['stress', '--vm', '1', '--vm-bytes', '150M', '--vm-hang', '1'];
    const one = testContainer('polinux/stress', { command, memoryLimit: 100 * 2 ** 20 });
    expect(await one.run()).toEqual({ exitCode: 137, outOfMemory: true });
  });

  it('kills a program that cannot live within its limit', async () => {
    expect(await testContainer('mysql:8.4', { memoryLimit: 2 ** 26, env: { MYSQL_ROOT_PASSWORD: 'x' } }).run()).toEqual(
      {
        exitCode: 137,
        outOfMemory: true,
      },
    );
  });

  it('is filled by a tail that waits for a newline', async () => {
    const one = testContainer('busybox', { command: ['sh', '-c', 'tail /dev/zero'], memoryLimit: 2 ** 26 });
    expect(await one.run()).toEqual({ exitCode: 137, outOfMemory: true });
  });
});

describe('files that may not be written', () => {
  it('refuse', async () => {
    const one = testContainer('busybox', { command: ['sleep', '60'], readOnly: true });
    expect(await execText(one, ['sh', '-c', 'echo x > /tmp/a'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('Read-only file system') as string,
    });
    expect(await execText(one, ['sh', '-c', 'echo x > /dev/termination-log; touch /etc/a'])).toMatchObject({
      err: expect.stringContaining('Read-only file system') as string,
    });
  });
});
