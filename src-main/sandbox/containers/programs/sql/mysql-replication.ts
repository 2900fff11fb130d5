import type { Duplex } from 'node:stream';
import type { IFileSystem } from 'just-bash';
import { sleep, type Clock } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import { loginTo } from './mysql-connection';
import type { PacketStream } from './mysql-packets';
import type { Value } from './sql-text';

export interface Statement {
  sql: string;
  database: string | undefined;
}

export interface ReplicationOptions {
  fs: () => Promise<IFileSystem>;
  clock: Clock;
  signal: AbortSignal;
  connect: (host: string, port: number, signal: AbortSignal) => Promise<Duplex>;
  apply: (statement: Statement) => Promise<void>;
}

interface Source {
  host: string;
  port: number;
  user: string;
  password: string;
  position: number;
  isRunning: boolean;
}

const LOG = '/var/lib/mysql/mysql-bin.000001';
const SOURCE_FILE = '/var/lib/mysql/master.info';
/** Where a log begins; each statement then counts this much. */
const FIRST_POSITION = 154;
const STEP = 100;
const RETRY_MS = 10_000;
const BINLOG_DUMP = 18;

/** The log of what was written, for others to follow, and the following of another server's log. */
export class Replication {
  readonly #options: ReplicationOptions;
  readonly #log: Statement[] = [];
  readonly #readers = new Set<() => void>();
  readonly file = 'mysql-bin.000001';
  #source: Source | undefined;
  #following: AbortController | undefined;
  #state: { io: string; error: string } = { io: 'No', error: '' };

  constructor(options: ReplicationOptions) {
    this.#options = options;
  }

  get position(): number {
    return FIRST_POSITION + this.#log.length * STEP;
  }

  /** Reads what an earlier run left in the data folder. */
  async open(): Promise<void> {
    const fs = await this.#options.fs();
    if (await fs.exists(LOG)) {
      const lines = (await fs.readFile(LOG)).split('\n').filter(Boolean);
      this.#log.push(...lines.map((line) => JSON.parse(line) as Statement));
    }
    if (!(await fs.exists(SOURCE_FILE))) return;
    this.#source = JSON.parse(await fs.readFile(SOURCE_FILE)) as Source;
    if (this.#source.isRunning) this.toggle(true);
  }

  async record(statement: Statement): Promise<void> {
    this.#log.push(statement);
    await (await this.#options.fs()).appendFile(LOG, `${JSON.stringify(statement)}\n`);
    for (const wake of this.#readers) wake();
  }

  /** `CHANGE MASTER TO ...` and `CHANGE REPLICATION SOURCE TO ...`. */
  async change(sql: string): Promise<void> {
    const value = (name: string) => new RegExp(`(?:MASTER|SOURCE)_${name}\\s*=\\s*(?:'([^']*)'|(\\d+))`, 'i').exec(sql);
    const textOf = (name: string) => value(name)?.[1] ?? value(name)?.[2];
    const before = this.#source;
    this.#source = {
      host: textOf('HOST') ?? before?.host ?? '',
      port: Number(textOf('PORT') ?? before?.port ?? 3306),
      user: textOf('USER') ?? before?.user ?? 'root',
      password: textOf('PASSWORD') ?? before?.password ?? '',
      position: Number(textOf('LOG_POS') ?? FIRST_POSITION),
      isRunning: false,
    };
    await this.#save();
  }

  toggle(isRunning: boolean): void {
    const source = this.#source;
    this.#following?.abort();
    this.#following = undefined;
    this.#state = { io: 'No', error: '' };
    if (!source) return;
    source.isRunning = isRunning;
    void this.#save().catch(() => undefined);
    if (!isRunning) return;
    this.#following = new AbortController();
    const signal = AbortSignal.any([this.#following.signal, this.#options.signal]);
    void this.#follow(source, signal).catch(() => undefined);
  }

  async reset(): Promise<void> {
    this.toggle(false);
    this.#source = undefined;
    await (await this.#options.fs()).rm(SOURCE_FILE, { force: true });
  }

  /** Sends the log from a position on to a replica, for as long as it listens. */
  async serve(packets: PacketStream, from: number): Promise<void> {
    let next = Math.max(0, Math.round((from - FIRST_POSITION) / STEP));
    const { signal } = this.#options;
    while (!signal.aborted) {
      for (; next < this.#log.length; next++) {
        packets.write(Buffer.concat([Buffer.from([0]), Buffer.from(JSON.stringify(this.#log[next]))]));
      }
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#readers.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#readers.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
  }

  /** `SHOW SLAVE STATUS`. */
  status(): { columns: readonly string[]; rows: readonly (readonly Value[])[] } {
    const source = this.#source;
    const isRunning = source?.isRunning === true;
    const row: Record<string, Value> = {
      Slave_IO_State: this.#state.io === 'Yes' ? 'Waiting for master to send event' : '',
      Master_Host: source?.host ?? '',
      Master_User: source?.user ?? '',
      Master_Port: source?.port ?? 3306,
      Master_Log_File: this.file,
      Read_Master_Log_Pos: source?.position ?? 0,
      Slave_IO_Running: this.#state.io,
      Slave_SQL_Running: isRunning ? 'Yes' : 'No',
      Last_IO_Error: this.#state.error,
      Seconds_Behind_Master: this.#state.io === 'Yes' ? 0 : null,
    };
    return { columns: Object.keys(row), rows: source ? [Object.values(row)] : [] };
  }

  async #follow(source: Source, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#read(source, signal);
      } catch (failure) {
        const where = `'${source.user}@${source.host}:${source.port}'`;
        this.#state = { io: 'Connecting', error: `error connecting to master ${where}: ${messageOf(failure)}` };
      }
      await sleep(this.#options.clock, RETRY_MS, signal);
    }
  }

  async #read(source: Source, signal: AbortSignal): Promise<void> {
    const connection = await this.#options.connect(source.host, source.port, signal);
    const close = () => connection.destroy();
    signal.addEventListener('abort', close, { once: true });
    try {
      const packets = await loginTo(connection, source);
      packets.restart();
      packets.write(Buffer.concat([Buffer.from([BINLOG_DUMP]), Buffer.from(String(source.position))]));
      this.#state = { io: 'Yes', error: '' };
      for (let packet = await packets.read(); packet; packet = await packets.read()) {
        await this.#options.apply(JSON.parse(packet.toString('utf8', 1)) as Statement);
        source.position += STEP;
        await this.#save();
      }
    } finally {
      signal.removeEventListener('abort', close);
      connection.destroy();
    }
  }

  async #save(): Promise<void> {
    if (this.#source) await (await this.#options.fs()).writeFile(SOURCE_FILE, JSON.stringify(this.#source));
  }
}
