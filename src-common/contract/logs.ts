import * as v from 'valibot';
import { stream } from './define';
import { clusterId } from './shapes';

export const logRequest = v.object({
  cluster: clusterId,
  namespace: v.string(),
  /** Pods by name, or all Pods a workload's selector finds (new ones join while following). */
  pods: v.optional(v.array(v.string())),
  labelSelector: v.optional(v.string()),
  container: v.optional(v.string()),
  follow: v.boolean(),
  previous: v.boolean(),
  tailLines: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  sinceSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});
export type LogRequest = v.InferOutput<typeof logRequest>;

export interface LogLine {
  pod: string;
  container: string;
  /** RFC 3339 with nanoseconds, as the kubelet wrote it. */
  time: string;
  text: string;
}

/** What happened to a source: it began, it ended, it broke and was taken up again, it was refused. */
export interface LogNotice {
  pod: string;
  container: string;
  state: 'started' | 'ended' | 'reconnecting' | 'resumed' | 'failed';
  message: string;
}

export interface LogBatch {
  lines: LogLine[];
  notices: LogNotice[];
}

export const logs = { follow: stream(logRequest).of<LogBatch>() };
