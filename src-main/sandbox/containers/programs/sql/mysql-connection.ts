/** The client's side of MySQL's protocol. */
import type { Duplex } from 'node:stream';
import { nativePassword, PacketReader, PacketStream } from './mysql-packets';

/** LONG_PASSWORD, CONNECT_WITH_DB, PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION, MULTI_STATEMENTS. */
const CAPABILITIES = 0x00_01_a2_01;
const WITH_DATABASE = 8;
const QUERY = 3;

/** What the server refused, with its number and state. */
export class MysqlError extends Error {
  override readonly name = 'MysqlError';
  readonly code: number;
  readonly state: string;

  constructor(packet: Buffer) {
    super(packet.toString('utf8', 9));
    this.code = packet.readUInt16LE(1);
    this.state = packet.toString('utf8', 4, 9);
  }
}

export interface Answer {
  columns: string[];
  rows: (string | null)[][];
}

export async function loginTo(
  connection: Duplex,
  { user, password, database }: { user: string; password: string; database?: string | undefined },
): Promise<PacketStream> {
  const packets = new PacketStream(connection);
  const hello = await packets.read();
  if (!hello) throw new Error('Lost connection to MySQL server');
  if (hello[0] === 0xff) throw new MysqlError(hello);
  const shown = nativePassword(password, saltOf(hello));
  const head = Buffer.alloc(32);
  head.writeUInt32LE(CAPABILITIES | (database ? WITH_DATABASE : 0));
  head.writeUInt32LE(2 ** 24, 4);
  head[8] = 45;
  const parts = [head, Buffer.from(`${user}\0`), Buffer.from([shown.length]), shown];
  if (database) parts.push(Buffer.from(`${database}\0`));
  packets.write(Buffer.concat(parts));
  const answer = await packets.read();
  if (!answer) throw new Error('Lost connection to MySQL server');
  if (answer[0] === 0xff) throw new MysqlError(answer);
  return packets;
}

function saltOf(hello: Buffer): Buffer {
  const reader = new PacketReader(hello, 1);
  reader.untilZero();
  reader.take(4);
  const first = reader.take(8);
  reader.take(19);
  return Buffer.concat([first, reader.take(12)]);
}

export async function queryOver(packets: PacketStream, sql: string): Promise<Answer> {
  packets.restart();
  packets.write(Buffer.concat([Buffer.from([QUERY]), Buffer.from(sql)]));
  const first = await packets.read();
  if (!first) throw new Error('Lost connection to MySQL server during query');
  if (first[0] === 0xff) throw new MysqlError(first);
  if (first[0] === 0) return { columns: [], rows: [] };
  const answer: Answer = { columns: [], rows: [] };
  for (let left = first[0] ?? 0; left > 0; left--) {
    const reader = new PacketReader((await packets.read()) ?? Buffer.alloc(0));
    for (let skipped = 0; skipped < 4; skipped++) reader.text();
    answer.columns.push(reader.text() ?? '');
  }
  await packets.read();
  for (let row = await packets.read(); row && !(row[0] === 0xfe && row.length < 9); row = await packets.read()) {
    const reader = new PacketReader(row);
    answer.rows.push(answer.columns.map(() => reader.text()));
  }
  return answer;
}
