import type { Duplex } from 'node:stream';
import type { Clock } from '#common/base/clock';

interface Entry {
  value: string;
  expiresAtMs: number | undefined;
}

type Reply = string;

const simple = (text: string): Reply => `+${text}\r\n`;
const failed = (text: string): Reply => `-${text}\r\n`;
const integer = (value: number): Reply => `:${value}\r\n`;
const bulk = (text: string | undefined): Reply =>
  text === undefined ? '$-1\r\n' : `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const array = (items: readonly Reply[]): Reply => `*${items.length}\r\n${items.join('')}`;

/** Answers the everyday commands of Redis (RESP2) from memory. */
export class RedisListener {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  readonly #password: string | undefined;

  constructor(clock: Clock, password?: string) {
    this.#clock = clock;
    this.#password = password;
  }

  accept(connection: Duplex): void {
    let pending = '';
    let isKnown = this.#password === undefined;
    connection.setEncoding('utf8');
    connection.on('data', (chunk: string) => {
      pending += chunk;
      for (let read = readCommand(pending); read; read = readCommand(pending)) {
        pending = pending.slice(read.length);
        if (read.words.length === 0) continue;
        const asked = read.words[0]?.toUpperCase();
        if (asked === 'AUTH') {
          isKnown = this.#password !== undefined && read.words.at(-1) === this.#password;
          connection.write(this.#authReply(isKnown));
        } else if (isKnown) connection.write(this.reply(read.words));
        else connection.write(failed('NOAUTH Authentication required.'));
        if (read.words[0]?.toUpperCase() === 'QUIT') connection.end();
      }
    });
    connection.on('end', () => connection.end());
    connection.on('error', () => connection.destroy());
  }

  #authReply(isKnown: boolean): Reply {
    if (this.#password === undefined) {
      return failed(
        'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
      );
    }
    return isKnown ? simple('OK') : failed('WRONGPASS invalid username-password pair or user is disabled.');
  }

  reply([name = '', ...args]: readonly string[]): Reply {
    const [key = '', value = ''] = args;
    switch (name.toUpperCase()) {
      case 'PING':
        return key ? bulk(key) : simple('PONG');
      case 'ECHO':
        return args.length === 1 ? bulk(key) : wrongArguments(name);
      case 'GET':
        return args.length === 1 ? bulk(this.#get(key)) : wrongArguments(name);
      case 'SET':
        return args.length < 2 ? wrongArguments(name) : this.#set(key, value, args.slice(2));
      case 'QUIT':
      case 'SELECT':
        return simple('OK');
      default:
        return this.#keys(name, args) ?? this.#server(name, args);
    }
  }

  #keys(name: string, args: readonly string[]): Reply | undefined {
    const [key = ''] = args;
    switch (name.toUpperCase()) {
      case 'DEL':
        return integer(args.filter((each) => this.#entries.delete(each)).length);
      case 'EXISTS':
        return integer(args.filter((each) => this.#get(each) !== undefined).length);
      case 'INCR':
        return this.#add(key, 1);
      case 'DECR':
        return this.#add(key, -1);
      case 'KEYS':
        return array([...this.#entries.keys()].filter((each) => globMatches(key, each)).map(bulk));
      case 'DBSIZE':
        return integer(this.#entries.size);
      case 'FLUSHALL':
      case 'FLUSHDB':
        this.#entries.clear();
        return simple('OK');
      case 'TTL':
        return integer(this.#ttl(key));
      default:
        return undefined;
    }
  }

  #server(name: string, args: readonly string[]): Reply {
    switch (name.toUpperCase()) {
      case 'INFO':
        return bulk(this.#info());
      case 'COMMAND':
      case 'CONFIG':
        return array([]);
      case 'CLIENT':
        return simple('OK');
      default: {
        const seen = args.map((each) => `'${each}' `).join('');
        return failed(`ERR unknown command '${name}', with args beginning with: ${seen}`);
      }
    }
  }

  #get(key: string): string | undefined {
    const entry = this.#entries.get(key);
    if (entry?.expiresAtMs === undefined || entry.expiresAtMs > this.#clock.now()) return entry?.value;
    this.#entries.delete(key);
    return undefined;
  }

  #set(key: string, value: string, options: readonly string[]): Reply {
    const [unit = '', amount = ''] = options;
    const factor = { EX: 1000, PX: 1 }[unit.toUpperCase()];
    const expiresAtMs = factor && Number(amount) > 0 ? this.#clock.now() + Number(amount) * factor : undefined;
    this.#entries.set(key, { value, expiresAtMs });
    return simple('OK');
  }

  #add(key: string, by: number): Reply {
    const value = Number(this.#get(key) ?? 0);
    if (!Number.isSafeInteger(value)) return failed('ERR value is not an integer or out of range');
    this.#entries.set(key, { value: String(value + by), expiresAtMs: this.#entries.get(key)?.expiresAtMs });
    return integer(value + by);
  }

  #ttl(key: string): number {
    if (this.#get(key) === undefined) return -2;
    const expiresAtMs = this.#entries.get(key)?.expiresAtMs;
    return expiresAtMs === undefined ? -1 : Math.ceil((expiresAtMs - this.#clock.now()) / 1000);
  }

  #info(): string {
    const keyspace = this.#entries.size > 0 ? `db0:keys=${this.#entries.size},expires=0,avg_ttl=0\r\n` : '';
    return (
      '# Server\r\nredis_version:8.2.2\r\nredis_mode:standalone\r\nos:Linux x86_64\r\ntcp_port:6379\r\n\r\n' +
      `# Replication\r\nrole:master\r\nconnected_slaves:0\r\n\r\n# Keyspace\r\n${keyspace}`
    );
  }
}

const wrongArguments = (name: string): Reply =>
  failed(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);

function globMatches(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** One command at the front of `text`: RESP arrays of bulk strings, or words of a line typed by hand. */
export function readCommand(text: string): { words: string[]; length: number } | undefined {
  const lineEnd = text.indexOf('\n');
  if (lineEnd < 0) return undefined;
  const line = text.slice(0, lineEnd).trim();
  if (!line.startsWith('*')) return { words: line.split(/\s+/).filter(Boolean), length: lineEnd + 1 };
  const words: string[] = [];
  let at = lineEnd + 1;
  for (let left = Number(line.slice(1)); left > 0; left--) {
    const header = text.indexOf('\r\n', at);
    if (header < 0) return undefined;
    const bytes = Buffer.from(text.slice(header + 2));
    const size = Number(text.slice(at + 1, header));
    if (bytes.length < size + 2) return undefined;
    const word = bytes.subarray(0, size).toString('utf8');
    words.push(word);
    at = header + 2 + word.length + 2;
  }
  return { words, length: at };
}
