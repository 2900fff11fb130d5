import { describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { systemClock } from '#main/base/system-clock';
import { ConnectError, type PodNetwork } from '#main/base/pod-network';
import type { ProcessStreams } from '#main/base/process-streams';
import { argvOf, Container } from './container';
import { PodVolume } from './container-files';
import { profileOf } from './image-profile';
import { parseImageReference } from './image-reference';

const profile = (image: string) => profileOf(parseImageReference(image)!);

const noNetwork: PodNetwork = {
  connect: () => Promise.reject(new ConnectError('refused')),
  query: async () => ({ status: 'NXDOMAIN', records: [] }),
  reaches: () => false,
  ingresses: () => ({
    route: () => undefined,
    certificate: () => undefined,
    missingSecrets: () => [],
    onChange: () => ({ [Symbol.dispose]: () => undefined }),
  }),
};

function container(image: string, command: string[] | undefined, clock = systemClock): Container {
  return new Container({
    profile: profile(image),
    command,
    env: { GREETING: 'hello' },
    hostname: 'web-1',
    ip: '10.244.0.2',
    stdin: false,
    tty: false,
    files: () => ({}),
    mounts: [],
    clock,
    network: noNetwork,
  });
}

const printed = ({ log }: Container): string[] => log.lines.map(({ text }) => text);

async function outcome({ stdout, stderr, exit }: ProcessStreams): Promise<{ out: string; err: string; code: number }> {
  const [out, err] = await Promise.all([textOf(stdout), textOf(stderr)]);
  return { out, err, code: (await exit).code };
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}

describe('what a container runs', () => {
  it.each([
    { command: undefined, args: undefined, argv: ['nginx', '-g', 'daemon off;'] },
    { command: ['sh'], args: undefined, argv: ['sh'] },
    { command: undefined, args: ['nginx-debug'], argv: ['nginx-debug'] },
    { command: ['sleep'], args: ['5'], argv: ['sleep', '5'] },
  ])('command $command and args $args make $argv', ({ command, args, argv }) => {
    expect(argvOf({ profile: profile('nginx'), command, args })).toEqual(argv);
  });

  it.each([
    { script: '/bin/echo one; /bin/sh -c "exit 3"; echo $?', lines: ['one', '3'], code: 0 },
    { script: 'which ls; ls /bin | grep -c "^cat$"; ls -d /usr/bin', lines: ['/usr/bin/ls', '1', '/usr/bin'], code: 0 },
    { script: 'cp /bin/echo /tmp/say && /tmp/say hi; [ -x /bin/cat ] && echo yes', lines: ['hi', 'yes'], code: 0 },
    {
      script: 'rm /bin/cat; [ -e /bin/cat ] || echo gone; /bin/nothing; echo $?',
      lines: ['gone', 'sh: /bin/nothing: No such file or directory', '127'],
      code: 0,
    },
    {
      script:
        'printf "#!/bin/sh\necho mine\n" > /usr/bin/own; chmod +x /usr/bin/own; own; mv /bin/ls /tmp/l; ls /bin | grep -c "^ls$"',
      lines: ['mine', '0'],
      code: 1,
    },
    {
      script:
        'mkdir -p /d/sub; echo hello > /d/b; chmod 755 /d/b; ln -s b /d/c; cd /d; ls; ls -l | cut -c1-38; ls -ld /tmp | cut -c1-10',
      lines: [
        'b',
        'c',
        'sub',
        'total 8',
        '-rwxr-xr-x    1 root     root         ',
        'lrwxrwxrwx    1 root     root         ',
        'drwxr-xr-x    1 root     root         ',
        'drwxrwxrwt',
      ],
      code: 0,
    },
    {
      script: 'ls -aF /d /etc/hostname 2>&1; echo $?',
      lines: ['ls: /d: No such file or directory', 'ls: /etc/hostname: No such file or directory', '1'],
      code: 0,
    },
    {
      script:
        'cat /proc/1/comm; grep -c processor /proc/cpuinfo; cat /sys/fs/cgroup/memory.max; ls /proc/self | head -2; nproc; cat /proc/1/cmdline | tr "\\0" "|" | cut -c1-6; env | grep -c "^?"; ip addr | grep -c 10.244.0.2; netstat -tln | wc -l',
      lines: ['sh', '8', 'max', 'cgroup', 'cmdline', '8', 'sh|-c|', '0', '1', '2'],
      code: 0,
    },
    { script: 'echo one; false; echo $?', lines: ['one', '1'], code: 0 },
    { script: 'for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done; exit 4', lines: ['1', '3'], code: 4 },
    { script: 'i=0; while true; do i=$((i+1)); if [ $i -gt 3 ]; then break; fi; done; echo $i', lines: ['4'], code: 0 },
    { script: 'greet() { echo "$GREETING $1"; }; greet you', lines: ['hello you'], code: 0 },
    { script: 'set -e; false; echo never', lines: [], code: 1 },
    { script: 'false || echo rescued; true && echo both', lines: ['rescued', 'both'], code: 0 },
    { script: 'cd /tmp; echo x > f; cat f; pwd', lines: ['x', '/tmp'], code: 0 },
    { script: '(echo late; echo later) & wait; echo done', lines: ['late', 'later', 'done'], code: 0 },
    { script: 'nosuch', lines: ['sh: nosuch: not found'], code: 127 },
  ])('$script', async ({ script, lines, code }) => {
    const one = container('busybox', ['sh', '-c', script]);
    expect(await one.run()).toEqual({ exitCode: code });
    expect(printed(one)).toEqual(lines);
  });

  it('says in the words of the runtime that a program is not there', async () => {
    expect(await container('busybox', ['nosuch']).startError()).toContain(
      'exec: "nosuch": executable file not found in $PATH',
    );
    expect(await container('busybox', ['sleep', '1']).startError()).toBeUndefined();
  });

  it.each([
    { word: 'bash', says: 'exec: "bash": executable file not found in $PATH: unknown', code: 127 },
    {
      word: '/bin/nosuch',
      says: 'exec: "/bin/nosuch": stat /bin/nosuch: no such file or directory: unknown',
      code: 126,
    },
    { word: '/etc/alpine-release', says: 'exec: "/etc/alpine-release": permission denied: unknown', code: 126 },
    { word: '/etc', says: 'exec: "/etc": is a directory: unknown', code: 126 },
  ])('cannot start $word', async ({ word, says, code }) => {
    const one = container('alpine', [word]);
    expect(await one.startError()).toBe(
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ' +
        `unable to start container process: error during container init: ${says}`,
    );
    const status = await container('alpine', ['sleep', '1']).exec([word], { stdin: false, tty: false }).exit;
    expect(status.code).toBe(code);
    expect(status.message).toMatch(
      /^failed to exec in container: failed to start exec "[\da-f]{64}": OCI runtime exec/,
    );
    expect(status.message?.endsWith(`exec failed: unable to start container process: ${says}`)).toBe(true);
  });

  it('names what may not be written by its place in the container', async () => {
    const volume = new PodVolume(new Map([['app.conf', 'a']]));
    const mounts = [{ path: '/config', volume, readOnly: true }];
    const one = new Container({
      ...container('busybox', ['sh', '-c', 'echo x > /config/app.conf; echo $?']).spec,
      mounts,
    });
    await one.run();
    expect(printed(one)).toEqual(["sh: can't create /config/app.conf: Read-only file system", '2']);
  });

  it('hands on what a program of the image prints', async () => {
    const script =
      'x=$(rabbitmqctl list_users 2>&1 | head -n 1); echo "[$x]"; /usr/sbin/rabbitmqctl ping 2>/dev/null; echo $?';
    const one = container('rabbitmq:4', ['sh', '-c', script]);
    await one.run();
    const refused =
      "Error: unable to perform an operation on node 'rabbit@web-1'. Please see diagnostics information and suggestions below.";
    expect(printed(one)).toEqual([`[${refused}]`, '69']);
  });

  it('sleeps on the clock of the cluster', async () => {
    const clock = new ManualClock();
    const one = container('busybox', ['sh', '-c', 'echo before; sleep 3600; echo after'], clock);
    const running = one.run();
    await waitUntil(() => clock.pending > 0);
    expect(printed(one)).toEqual(['before']);
    await clock.advance(3_600_000);
    expect(await running).toEqual({ exitCode: 0 });
    expect(printed(one)).toEqual(['before', 'after']);
  });

  it('stops a loop that never ends', async () => {
    const one = container('busybox', ['sh', '-c', 'while true; do :; done']);
    const running = one.run();
    await new Promise((resolve) => setImmediate(resolve));
    one.kill();
    expect((await running).exitCode).toBe(137);
  });
});

describe('exec', () => {
  it('runs in the files and with the environment of the container', async () => {
    const one = container('nginx', undefined);
    const running = one.run();
    const { stdout, stderr, exit } = one.exec(['sh', '-c', 'echo $GREETING; hostname; nosuch; exit 3'], {
      stdin: false,
      tty: false,
    });
    expect(await outcome({ stdout, stderr, exit } as ProcessStreams)).toEqual({
      out: 'hello\nweb-1\n',
      err: 'sh: nosuch: not found\n',
      code: 3,
    });
    one.kill();
    await running;
  });

  it('reads a script from its input', async () => {
    const streams = container('alpine', ['sleep', '1']).exec(['sh'], { stdin: true, tty: false });
    await streams.writeStdin(Buffer.from('echo from input\n'));
    streams.endStdin();
    expect(await outcome(streams)).toEqual({ out: 'from input\n', err: '', code: 0 });
  });

  it('answers each statement of its input before the next one comes, and leaves with exit', async () => {
    const streams = container('alpine', ['sleep', '1']).exec(['sh'], { stdin: true, tty: false });
    const answers = streams.stdout[Symbol.asyncIterator]();
    const answer = async () => Buffer.from((await answers.next()).value as Uint8Array).toString('utf8');
    await streams.writeStdin(Buffer.from('x=6\necho $((x * 7))\n'));
    expect(await answer()).toBe('42\n');
    await streams.writeStdin(Buffer.from('for i in 1 2; do\n'));
    await streams.writeStdin(Buffer.from('echo turn $i; done\n'));
    expect(await answer()).toBe('turn 1\n');
    expect(await answer()).toBe('turn 2\n');
    await streams.writeStdin(Buffer.from('exit 4\necho never\n'));
    expect((await streams.exit).code).toBe(4);
  });

  it('edits lines on a terminal and leaves with the code of exit', async () => {
    const streams = container('alpine', ['sleep', '1']).exec(['sh'], { stdin: true, tty: true });
    await streams.writeStdin(Buffer.from('ecx\x7fho hi\rexit 4\r'));
    const { out, code } = await outcome(streams);
    expect(out).toContain('\r\nhi\r\n');
    expect(code).toBe(4);
  });

  it.each(['command -v bash >/dev/null && exec bash || exec sh', 'cd /tmp; exec sh'])(
    'opens a shell on the terminal for a script that looks for one: %s',
    async (script) => {
      const streams = container('alpine', ['sleep', '1']).exec(['sh', '-c', script], { stdin: true, tty: true });
      await streams.writeStdin(Buffer.from('echo $((6 * 7))\rexit 4\r'));
      const { out, code } = await outcome(streams);
      expect(out).toContain('\r\n42\r\n');
      expect(code).toBe(4);
    },
  );

  it('keeps folder, variables and status from line to line, and stops only the line on Ctrl-C', async () => {
    const clock = new ManualClock();
    const streams = container('busybox', ['sleep', '1'], clock).exec(['sh'], { stdin: true, tty: true });
    const type = (text: string) => streams.writeStdin(Buffer.from(text));
    let out = '';
    const reading = (async () => {
      for await (const chunk of streams.stdout) out += Buffer.from(chunk).toString('utf8');
    })();
    await type('cd /tmp; x=5\rfalse\recho $x $? $PWD\r');
    await type('f() { return 7; }\rf; echo is $?\rwhile true; do sleep 100; done\r');
    await waitUntil(() => clock.pending > 0);
    await type('\x03');
    await waitUntil(() => out.includes('/tmp # '));
    await type('echo still here\rexit 6\r');
    await reading;
    expect(out).toContain('\r\n5 1 /tmp\r\n');
    expect(out).toContain('\r\nis 7\r\n');
    expect(out).toContain('^C');
    expect(out).toContain('\r\nstill here\r\n');
    expect((await streams.exit).code).toBe(6);
  });

  it('refuses a program that is not there', async () => {
    const { exit } = container('alpine', ['sleep', '1']).exec(['nosuch'], { stdin: false, tty: false });
    expect(await exit).toMatchObject({
      code: 127,
      message: expect.stringContaining('exec: "nosuch": executable file'),
    });
  });
});

async function waitUntil(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
