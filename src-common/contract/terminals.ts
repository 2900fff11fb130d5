import * as v from 'valibot';
import { call, stream } from './define';
import { clusterId, confirmation } from './shapes';

const columns = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000));

export const terminalRequest = v.object({
  cluster: clusterId,
  namespace: v.string(),
  pod: v.string(),
  container: v.optional(v.string()),
  /** Absent: the first of bash and sh that the container has. */
  command: v.optional(v.array(v.string())),
  columns,
  rows: columns,
  confirmation,
});
export type TerminalRequest = v.InferOutput<typeof terminalRequest>;

export type TerminalEvent =
  | { type: 'opened'; id: string; container: string; command: string[] }
  | { type: 'output'; text: string }
  | { type: 'exit'; code: number; message?: string };

export const terminals = {
  open: stream(terminalRequest).of<TerminalEvent>(),
  write: call(v.object({ id: v.string(), text: v.string() })).returns<void>(),
  resize: call(v.object({ id: v.string(), columns, rows: columns })).returns<void>(),
};
