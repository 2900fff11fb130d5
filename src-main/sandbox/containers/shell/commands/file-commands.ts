import type { Command } from 'just-bash';
import { sleep } from '#common/base/clock';
import { onAbort } from '#main/base/on-abort';
import { LIVE } from '../instrument';
import { listFiles } from './list-files';
import { dd } from './dd';
import { allocate } from './fill-file';
import { hoard } from './hoard';
import { bad, command, ok, type Context, type Result, type Surroundings } from './surroundings';

/** How often a followed file is looked at. */
const FOLLOW_MS = 250;

/** Commands on files that the library has otherwise. */
export function fileCommands(around: Surroundings): Command[] {
  return [
    command('tail', (args, context) => tail(args, context, around)),
    command(`${LIVE}tail`, (args, context) => tail(args, context, around)),
    command('tar', tar),
    command('ls', (args, context) => listFiles(args, context, around)),
    command('dd', (args, context) => dd(args, context, around)),
    command('fallocate', (args, context) => allocate('fallocate', args, { context, around })),
    command('truncate', (args, context) => allocate('truncate', args, { context, around })),
  ];
}

async function tail(args: string[], context: Context, around: Surroundings): Promise<Result> {
  const original = (words: string[]) =>
    context.origCommand?.(words) ??
    context.exec?.(['tail', ...words].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' '), {
      cwd: context.cwd,
    }) ??
    Promise.resolve(ok());
  const follow = args.some((word) => /^-[a-zA-Z0-9]*[fF]/.test(word) || word.startsWith('--follow'));
  const rest = args.map((word) => (/^-[fF]+$/.test(word) ? '' : word)).filter(Boolean);
  const path = rest.findLast((word) => !word.startsWith('-') && !/^\+?\d+$/.test(word));
  if (path === '/dev/zero' || path === '/dev/urandom') return hoard(around);
  if (!follow || path === undefined) return original(args);
  const signal = around.running();
  if (path === '/dev/null') return waitForEnd(signal);
  const file = context.fs.resolvePath(context.cwd, path);
  const first = await original(rest.filter((word) => !word.startsWith('--follow')));
  around.write('stdout', first.stdout);
  if (first.exitCode !== 0) return { ...first, stdout: '' };
  let length = (await context.fs.readFile(file)).length;
  while (!signal.aborted) {
    await sleep(around.clock, FOLLOW_MS, signal).catch(() => undefined);
    const text = (await context.fs.exists(file)) ? await context.fs.readFile(file) : '';
    around.write('stdout', text.slice(text.length < length ? 0 : length));
    length = text.length;
  }
  return bad('', 143);
}

function waitForEnd(signal: AbortSignal): Promise<Result> {
  return new Promise((resolve) => void onAbort(signal, () => resolve(bad('', 143))));
}

/** Member names are relative to the root, as every tar makes them: the library keeps the slash in front. */
async function tar(args: string[], context: Context): Promise<Result> {
  const [mode = ''] = args;
  const names = args.slice(1).filter((word) => word.startsWith('/'));
  const makes = /^-?[a-zA-Z]*c/.test(mode) && !args.includes('-C');
  const archive = mode.endsWith('f') ? args[1] : undefined;
  const members = names.filter((name) => name !== archive);
  if (!makes || members.length === 0) return (await context.origCommand?.(args)) ?? ok();
  const kept = args.slice(1).map((word) => (members.includes(word) ? word.replace(/^\/+/, '') || '.' : word));
  const at = kept.findIndex((_, index) => members.includes(args[index + 1] ?? ''));
  const words = [mode, ...kept.slice(0, at), '-C', '/', ...kept.slice(at)];
  const result = (await context.origCommand?.(words)) ?? ok();
  return { ...result, stderr: `tar: Removing leading \`/' from member names\n${result.stderr}` };
}
