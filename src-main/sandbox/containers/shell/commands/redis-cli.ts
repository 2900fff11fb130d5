import { messageOf } from '#common/base/errors';
import { bad, inputText, ok, type Context, type Result, type Surroundings } from './surroundings';

interface Target {
  host: string;
  port: number;
  password: string | undefined;
  words: string[];
}

/** `redis-cli`: one command from its words, or one per line of its input. */
export async function redisCli(args: readonly string[], context: Context, around: Surroundings): Promise<Result> {
  const target = readTarget(args);
  const lines =
    target.words.length > 0
      ? [target.words]
      : inputText(context)
          .split('\n')
          .map((line) => line.trim().split(/\s+/));
  let text = '';
  for (const words of lines.filter(([first]) => first)) {
    try {
      text += `${readable(await exchange(target, words, around))}\n`;
    } catch (failure) {
      return bad(`Could not connect to Redis at ${target.host}:${target.port}: ${reasonOf(messageOf(failure))}\n`);
    }
  }
  return ok(text);
}

const reasonOf = (message: string): string =>
  message.startsWith('bad address') ? 'Name or service not known' : message;

function readTarget(args: readonly string[]): Target {
  const target: Target = { host: '127.0.0.1', port: 6379, password: undefined, words: [] };
  let index = 0;
  for (; index < args.length && args[index]?.startsWith('-'); index++) {
    const word = args[index];
    if (word === '-h') target.host = args[++index] ?? '';
    else if (word === '-p') target.port = Number(args[++index]);
    else if (word === '-a') target.password = args[++index];
    else if (word === '-n') index++;
  }
  target.words = args.slice(index);
  return target;
}

const encoded = (words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

async function exchange(
  { host, port, password }: Target,
  words: readonly string[],
  around: Surroundings,
): Promise<string> {
  const connection = await around.connect(host, port, around.running());
  try {
    const read = () =>
      new Promise<string>((resolve, reject) => {
        connection.once('data', (data: Buffer) => resolve(data.toString('utf8')));
        connection.once('end', () => reject(new Error('Server closed the connection')));
      });
    if (password !== undefined) {
      const answer = read();
      connection.write(encoded(['AUTH', password]));
      await answer;
    }
    const answer = read();
    connection.write(encoded(words));
    return await answer;
  } finally {
    connection.destroy();
  }
}

/** A reply as redis-cli prints it when its output is no terminal. */
function readable(reply: string): string {
  const lines = reply.split('\r\n');
  if (reply.startsWith('$-1')) return '';
  if (reply.startsWith('$')) return lines.slice(1, -1).join('\n');
  if (reply.startsWith('*')) return lines.filter((line) => line !== '' && !/^[*$]-?\d+$/.test(line)).join('\n');
  return (lines[0] ?? '').slice(1);
}
