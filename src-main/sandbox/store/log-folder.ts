import { mkdir, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '#common/base/errors';
import { headerLine, readLines, type ReadFileResult, type ReadRecord } from './log-records';

/** What a cluster's folder holds, read from its latest whole snapshot on. */
export interface FoundState {
  records: ReadRecord[];
  revision: number;
  /** The generation whose log is written on. */
  generation: number;
  logBytes: number;
  snapshotBytes: number;
}

export const snapshotName = (generation: number): string => `snapshot-${padded(generation)}.jsonl`;
export const logName = (generation: number): string => `log-${padded(generation)}.jsonl`;

const padded = (generation: number): string => String(generation).padStart(8, '0');

interface Files {
  snapshots: number[];
  logs: number[];
}

/** Reads a folder, making it when it is not there. A torn end of the newest log is cut off; nothing else is changed. */
export async function readFolder(folder: string, onMessage: (message: string) => void): Promise<FoundState> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = await listFiles(folder);
  const newest = files.snapshots.at(-1);
  if (newest === undefined && files.logs.length === 0) return beginFolder(folder);

  const state: FoundState = { records: [], revision: 0, generation: newest ?? 0, logBytes: 0, snapshotBytes: 0 };
  if (newest !== undefined) await readSnapshot(folder, newest, state);
  const logs = files.logs.filter((generation) => generation >= (newest ?? 0));
  if (newest === undefined && logs[0] !== 0) throw damaged(folder, `${logName(0)} is missing`);
  for (const generation of logs)
    await readLog(folder, generation, { state, onMessage, isNewest: generation === logs.at(-1) });
  await removeOlder(folder, newest ?? 0);
  return state;
}

async function listFiles(folder: string): Promise<Files> {
  const files: Files = { snapshots: [], logs: [] };
  for (const name of (await readdir(folder)).sort()) {
    const [, kind, generation] = /^(snapshot|log)-(\d{8})\.jsonl$/.exec(name) ?? [];
    if (kind) files[kind === 'log' ? 'logs' : 'snapshots'].push(Number(generation));
  }
  return files;
}

async function beginFolder(folder: string): Promise<FoundState> {
  const header = headerLine(1);
  await writeFile(join(folder, logName(0)), header, { mode: 0o600 });
  await syncFolder(folder);
  return { records: [], revision: 1, generation: 0, logBytes: header.length, snapshotBytes: 0 };
}

async function readSnapshot(folder: string, generation: number, state: FoundState): Promise<void> {
  const name = snapshotName(generation);
  const file = await readFile(join(folder, name));
  const read = mustBegin(folder, name, readLines(file));
  if (read.goodBytes < file.length) throw damaged(folder, `${name} is damaged at byte ${read.goodBytes}`);
  take(state, read);
  state.snapshotBytes = file.length;
}

interface LogReading {
  state: FoundState;
  onMessage: (message: string) => void;
  isNewest: boolean;
}

async function readLog(folder: string, generation: number, { state, onMessage, isNewest }: LogReading): Promise<void> {
  const name = logName(generation);
  const file = await readFile(join(folder, name));
  // A crash may come between making a log and writing its header.
  if (file.length === 0 && isNewest) await writeFile(join(folder, name), headerLine(state.revision), { mode: 0o600 });
  const read = file.length === 0 && isNewest ? emptyLog(state.revision) : mustBegin(folder, name, readLines(file));
  if (read.goodBytes < file.length) {
    const place = `${name} is damaged at byte ${read.goodBytes} of ${file.length}`;
    if (read.brokenInside || !isNewest) throw damaged(folder, place);
    await truncate(join(folder, name), read.goodBytes);
    onMessage(`${place}: its unfinished end was cut off`);
  }
  take(state, read);
  state.generation = generation;
  state.logBytes = read.goodBytes;
}

function emptyLog(revision: number): ReadFileResult {
  return { revision, isNewer: false, records: [], goodBytes: headerLine(revision).length, brokenInside: false };
}

function mustBegin(folder: string, name: string, read: ReadFileResult): ReadFileResult {
  if (read.isNewer) {
    throw new Problem('sandbox-too-new', `The cluster in ${folder} was written by a newer Pilothouse.`, {
      nextStep: 'Open it with that version, or start a new cluster.',
    });
  }
  if (read.revision === undefined) throw damaged(folder, `${name} does not begin as it should`);
  return read;
}

function take(state: FoundState, read: ReadFileResult): void {
  // One by one: spreading a large array into push() overflows the stack.
  for (const record of read.records) state.records.push(record);
  state.revision = Math.max(state.revision, read.revision ?? 0, read.records.at(-1)?.revision ?? 0);
}

function damaged(folder: string, details: string): Problem {
  return new Problem('sandbox-damaged', `The state of the cluster in ${folder} is damaged and was left as it is.`, {
    nextStep: 'Start a new cluster, or put a copy of the folder back.',
    details,
  });
}

/** Takes away the files of all generations before `generation`, whose snapshot holds what they say. */
export async function removeOlder(folder: string, generation: number): Promise<void> {
  const { snapshots, logs } = await listFiles(folder);
  for (const one of snapshots) if (one < generation) await rm(join(folder, snapshotName(one)), { force: true });
  for (const one of logs) if (one < generation) await rm(join(folder, logName(one)), { force: true });
}

/** Makes new names in a folder survive a power loss, where the system can. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
