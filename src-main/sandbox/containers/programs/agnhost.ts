import { sleep } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import { ConnectError } from '#main/base/pod-network';
import type { ProgramCode } from './program-codes';
import { flagValue, type ProgramContext } from './program-context';

/** The commands of `agnhost` that are no servers. */
export const agnhostCodes: Readonly<Record<string, ProgramCode>> = {
  'agnhost-connect': connect,
  'agnhost-dns-suffix': (context) => resolver(context, 'search'),
  'agnhost-dns-server-list': (context) => resolver(context, 'nameserver'),
  'agnhost-etc-hosts': etcHosts,
  'agnhost-entrypoint-tester': async ({ argv, write }) => {
    write('stdout', `[/agnhost ${argv.slice(1).join(' ')}]\n`);
    return 0;
  },
  'agnhost-logs-generator': logsGenerator,
  'agnhost-unknown': unknown,
};

const UNREACHED = { refused: 'REFUSED', 'timed-out': 'TIMEOUT', 'no-route': 'OTHER: no route to host' };

/** `agnhost connect host:port`: ends with 0 when somebody takes the connection. */
async function connect({ argv, connect: dial, write }: ProgramContext, signal: AbortSignal): Promise<number> {
  const address = argv.slice(2).find((word) => !word.startsWith('-')) ?? '';
  const [, host = '', port = ''] = /^\[?([^\]]*)\]?:(\d+)$/.exec(address) ?? [];
  try {
    (await dial(host, Number(port), signal)).destroy();
    return 0;
  } catch (failure) {
    const isReached = failure instanceof ConnectError;
    write('stderr', isReached ? `${UNREACHED[failure.reason]}\n` : `DNS: ${messageOf(failure)}\n`);
    return 1;
  }
}

async function resolver({ fs, write }: ProgramContext, word: string): Promise<number> {
  const files = await fs();
  const text = (await files.exists('/etc/resolv.conf')) ? await files.readFile('/etc/resolv.conf') : '';
  const values = text.split('\n').flatMap((line) => {
    const [first, ...rest] = line.trim().split(/\s+/);
    return first === word ? rest : [];
  });
  write('stdout', `${values.join(',')}\n`);
  return 0;
}

async function etcHosts({ fs, write }: ProgramContext): Promise<number> {
  const files = await fs();
  write('stdout', (await files.exists('/etc/hosts')) ? await files.readFile('/etc/hosts') : '');
  return 0;
}

const PATHS = [
  'GET /api/v1/namespaces/default/pods',
  'PUT /api/v1/namespaces/ns/pods',
  'POST /api/v1/namespaces/kube-system/pods',
];

/** `agnhost logs-generator --log-lines-total N --run-duration D`: so many lines, spread over the time. */
async function logsGenerator({ argv, spec: { clock }, write }: ProgramContext, signal: AbortSignal): Promise<number> {
  const total = Number(flagValue(argv, '--log-lines-total') ?? 0);
  const durationMs = Number.parseFloat(flagValue(argv, '--run-duration') ?? '0') * 1000;
  for (let line = 0; line < total && !signal.aborted; line++) {
    const at = new Date(clock.now()).toISOString();
    write(
      'stdout',
      `I${at.slice(5, 7)}${at.slice(8, 10)} ${at.slice(11, 23)}000       1 logs_generator.go:76] ${line} ${PATHS[line % PATHS.length]} ${200 + ((line * 37) % 400)}\n`,
    );
    await sleep(clock, durationMs / total, signal).catch(() => undefined);
  }
  return signal.aborted ? 143 : 0;
}

async function unknown({ argv: [, word], write }: ProgramContext): Promise<number> {
  if (word === undefined || word === 'help' || word.startsWith('-')) {
    write('stdout', 'Usage:\n  app [command]\n\nUse "app [command] --help" for more information about a command.\n');
    return 0;
  }
  write('stderr', `Error: unknown command "${word}" for "app"\nRun 'app --help' for usage.\n`);
  return 1;
}
