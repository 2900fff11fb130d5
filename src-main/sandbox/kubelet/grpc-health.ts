/** A client of the gRPC health protocol (grpc.health.v1) over a connection that is already there. */
import { connect } from 'node:http2';
import type { Duplex } from 'node:stream';

export interface HealthAnswer {
  /** `SERVING`, `NOT_SERVING`, `SERVICE_UNKNOWN`, `UNKNOWN`; nothing when the call itself failed. */
  status?: string;
  /** The gRPC status code and message of a call that failed. */
  code: number;
  message: string;
}

const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/** Asks for the health of a service; the empty name stands for the whole server. Rejects when nobody speaks HTTP/2. */
export function checkHealth(connection: Duplex, { service, agent }: { service: string; agent: string }) {
  return new Promise<HealthAnswer>((resolve, reject) => {
    const session = connect('http://health', { createConnection: () => connection });
    const failed = (failure: Error) => {
      session.destroy();
      reject(failure);
    };
    session.on('error', failed);
    const call = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': agent,
    });
    const parts: Buffer[] = [];
    let outcome = { code: 0, message: '' };
    const read = (headers: Record<string, unknown>) => {
      if (headers['grpc-status'] === undefined) return;
      outcome = { code: Number(headers['grpc-status']), message: String(headers['grpc-message'] ?? '') };
    };
    call.on('response', read);
    call.on('trailers', read);
    call.on('error', failed);
    call.on('data', (part: Buffer) => parts.push(part));
    call.on('end', () => {
      session.destroy();
      resolve(outcome.code === 0 ? { ...outcome, status: statusOf(Buffer.concat(parts)) } : outcome);
    });
    call.end(requestFor(service));
  });
}

/** A length-prefixed HealthCheckRequest: field 1 is the name of the service. */
function requestFor(service: string): Buffer {
  const name = Buffer.from(service);
  const body = name.length > 0 ? Buffer.concat([Buffer.from([0x0a, name.length]), name]) : name;
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** Field 1 of a HealthCheckResponse; an absent field is the first status. */
function statusOf(message: Buffer): string {
  return STATUSES[message[5] === 0x08 ? (message[6] ?? 0) : 0] ?? 'UNKNOWN';
}
