import type { Command, IFileSystem } from 'just-bash';
import { messageOf } from '#common/base/errors';
import { loginTo, queryOver } from '../../programs/sql/mysql-connection';
import { bad, command, inputText, ok, type Context, type Result, type Surroundings } from './surroundings';

const DATA_FOLDER = '/var/lib/mysql';
const MAGIC = 'XBSTCK01';
/** Files that belong to one server and are not copied to another. */
const OWN_FILES = /^(?:master\.info|auto\.cnf|change_master_to\..*|xtrabackup_.*)$/;

/** Percona's helpers of a MySQL cluster: xtrabackup copies a running server's files, xbstream packs and unpacks them. */
export function backupCommands(around: Surroundings): Command[] {
  return [
    command('xtrabackup', (args, context) => xtrabackup(args, context, around)),
    command('xbstream', (args, context) => xbstream(args, context)),
  ];
}

type Packed = [path: string, base64: string][];

async function xtrabackup(args: readonly string[], context: Context, around: Surroundings): Promise<Result> {
  const valueOf = (name: string) => args.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const stamp = new Date(around.clock.now()).toISOString().slice(2, 19).replaceAll('-', '').replace('T', ' ');
  if (args.includes('--prepare'))
    return { ...ok(), stderr: `xtrabackup: recognized server arguments:\n${stamp} completed OK!\n` };
  if (!args.includes('--backup')) return bad('xtrabackup: Error: no action was given\n');
  try {
    const position = await positionOf(valueOf('--host') ?? '127.0.0.1', valueOf('--user') ?? 'root', around);
    const files = await packed(context.fs, DATA_FOLDER, '');
    const info = Buffer.from(`${position.file}\t${position.position}\n`).toString('base64');
    files.push(['xtrabackup_binlog_info', info]);
    if (args.includes('--slave-info') && position.source) {
      const text = `CHANGE MASTER TO MASTER_LOG_FILE='${position.file}', MASTER_LOG_POS=${position.source};\n`;
      files.push(['xtrabackup_slave_info', Buffer.from(text).toString('base64')]);
    }
    const stream = `${MAGIC}${JSON.stringify(files)}`;
    return { ...ok(stream), stdoutKind: 'bytes', stderr: `${stamp} completed OK!\n` };
  } catch (failure) {
    return bad(`Failed to connect to MySQL server: ${messageOf(failure)}\n`);
  }
}

interface Position {
  file: string;
  position: string;
  /** Where a replica stands in its source's log. */
  source: string | undefined;
}

async function positionOf(host: string, user: string, around: Surroundings): Promise<Position> {
  const connection = await around.connect(host, 3306, around.running());
  try {
    const packets = await loginTo(connection, { user, password: '' });
    const own = await queryOver(packets, 'SHOW MASTER STATUS');
    const replica = await queryOver(packets, 'SHOW SLAVE STATUS');
    const at = replica.columns.indexOf('Read_Master_Log_Pos');
    const [file, position] = own.rows[0] ?? [];
    return { file: file ?? '', position: position ?? '', source: replica.rows[0]?.[at] ?? undefined };
  } finally {
    connection.destroy();
  }
}

async function packed(fs: IFileSystem, root: string, folder: string): Promise<Packed> {
  const found: Packed = [];
  for (const name of await fs.readdir(`${root}/${folder}`)) {
    const path = folder ? `${folder}/${name}` : name;
    const { isDirectory } = await fs.stat(`${root}/${path}`);
    if (isDirectory) {
      found.push([`${path}/`, ''], ...(await packed(fs, root, path)));
    } else if (!OWN_FILES.test(name)) {
      found.push([path, Buffer.from(await fs.readFileBuffer(`${root}/${path}`)).toString('base64')]);
    }
  }
  return found;
}

async function xbstream(args: readonly string[], context: Context): Promise<Result> {
  const { fs, cwd } = context;
  const stdin = inputText(context);
  if (!args.includes('-x')) return bad('xbstream: only -x is known here\n');
  const at = args.indexOf('-C');
  const folder = fs.resolvePath(cwd, at < 0 ? '.' : (args[at + 1] ?? '.'));
  if (stdin === '') return ok();
  if (!stdin.startsWith(MAGIC)) return bad('xbstream: wrong chunk magic at offset 0x0.\n');
  for (const [path, content] of JSON.parse(stdin.slice(MAGIC.length)) as Packed) {
    const full = `${folder}/${path}`;
    if (path.endsWith('/')) await fs.mkdir(full.slice(0, -1), { recursive: true });
    else {
      await fs.mkdir(full.slice(0, full.lastIndexOf('/')), { recursive: true });
      await fs.writeFile(full, Buffer.from(content, 'base64'));
    }
  }
  return ok();
}
