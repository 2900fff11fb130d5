import * as v from 'valibot';
import { call, stream } from './define';
import { clusterId, nothing, type ClusterId } from './shapes';

const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));

export const forwardRequest = v.object({
  cluster: clusterId,
  kind: v.picklist(['Pod', 'Service', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']),
  namespace: v.string(),
  name: v.string(),
  /** A port number of the target, or the name of a port. */
  port: v.union([port, v.string()]),
  /** Absent: the same number when it is free and not privileged, else a free one. */
  localPort: v.optional(port),
});
export type ForwardRequest = v.InferOutput<typeof forwardRequest>;

/** A local port that leads into a cluster. */
export interface Forward {
  id: string;
  cluster: ClusterId;
  kind: ForwardRequest['kind'];
  namespace: string;
  name: string;
  port: number | string;
  /** The port inside the Pod that `port` stands for. */
  targetPort: number;
  localPort: number;
  /** `http://127.0.0.1:PORT`; https where the port's name or number says so. */
  url: string;
  /** The Pod that answers now; it follows its Service or workload. */
  pod: string;
  state: 'listening' | 'waiting' | 'failed';
  message?: string;
  connections: number;
  bytesIn: number;
  bytesOut: number;
}

export const forwards = {
  changes: stream(nothing).of<Forward[]>(),
  start: call(forwardRequest).returns<Forward>(),
  stop: call(v.object({ id: v.string() })).returns<void>(),
};
