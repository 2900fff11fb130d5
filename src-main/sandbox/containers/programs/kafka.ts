import type { IFileSystem } from 'just-bash';
import type { ProgramCode } from './program-codes';
import { flagValue, type ProgramContext } from './program-context';

/** The tools of Kafka that ask a broker; its topics are folders of the Pod that they are run in. */
export const kafkaCodes: Readonly<Record<string, ProgramCode>> = {
  'kafka-topics': topics,
  'kafka-broker-api-versions': async (context, signal) => {
    if (!(await isReached(context, signal))) return 1;
    context.write('stdout', `${serverOf(context).join(':')} (id: 1 rack: null isFenced: false) -> (\n`);
    context.write('stdout', '\tProduce(0): 0 to 12 [usable: 12],\n\tFetch(1): 4 to 17 [usable: 17]\n)\n');
    return 0;
  },
};

const FOLDER = '/tmp/kraft-combined-logs';

async function topics(context: ProgramContext, signal: AbortSignal): Promise<number> {
  const { argv, fs, write } = context;
  if (!(await isReached(context, signal))) return 1;
  const files = await fs();
  const name = flagValue(argv, '--topic') ?? '';
  const partitions = Number(flagValue(argv, '--partitions') ?? 1);
  const known = await topicsIn(files);
  if (argv.includes('--list')) {
    write('stdout', [...known.keys()].map((topic) => `${topic}\n`).join(''));
    return 0;
  }
  if (argv.includes('--create')) {
    if (known.has(name)) return failed(context, `Topic '${name}' already exists.`, 'TopicExistsException');
    for (let part = 0; part < partitions; part++) await files.mkdir(`${FOLDER}/${name}-${part}`, { recursive: true });
    write('stdout', `Created topic ${name}.\n`);
    return 0;
  }
  const count = known.get(name);
  if (count === undefined) return failed(context, `Topic '${name}' does not exist as expected`, undefined);
  if (argv.includes('--delete')) {
    for (let part = 0; part < count; part++) await files.rm(`${FOLDER}/${name}-${part}`, { recursive: true });
  } else write('stdout', described(name, count));
  return 0;
}

function described(name: string, partitions: number): string {
  const head = `Topic: ${name}\tTopicId: ${'A'.repeat(22)}\tPartitionCount: ${partitions}\tReplicationFactor: 1\tConfigs: \n`;
  const row = (part: number) =>
    `\tTopic: ${name}\tPartition: ${part}\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: \n`;
  return head + Array.from({ length: partitions }, (_, part) => row(part)).join('');
}

function failed({ write }: ProgramContext, message: string, cause: string | undefined): number {
  write('stdout', `Error while executing topic command : ${message}\n`);
  if (cause) write('stderr', `org.apache.kafka.common.errors.${cause}: ${message}\n`);
  return 1;
}

/** Each topic with the number of its partitions. */
async function topicsIn(files: IFileSystem): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const names = (await files.exists(FOLDER)) ? await files.readdir(FOLDER) : [];
  for (const [, topic] of names.map((name) => /^(.*)-\d+$/.exec(name) ?? [])) {
    if (topic !== undefined) found.set(topic, (found.get(topic) ?? 0) + 1);
  }
  return new Map([...found].sort(([one], [other]) => (one < other ? -1 : 1)));
}

const serverOf = ({ argv }: ProgramContext): [host: string, port: string] => {
  const [host = 'localhost', port = '9092'] = (flagValue(argv, '--bootstrap-server') ?? 'localhost:9092').split(':');
  return [host, port];
};

async function isReached(context: ProgramContext, signal: AbortSignal): Promise<boolean> {
  const [host, port] = serverOf(context);
  try {
    (await context.connect(host, Number(port), signal)).destroy();
    return true;
  } catch {
    const warning = `Connection to node -1 (${host}/127.0.0.1:${port}) could not be established. Node may not be available.`;
    context.write(
      'stdout',
      `WARN [AdminClient clientId=adminclient-1] ${warning} (org.apache.kafka.clients.NetworkClient)\n`,
    );
    return false;
  }
}
