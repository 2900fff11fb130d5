/** Questions of the API server itself to a server behind an APIService. */
import type { Duplex } from 'node:stream';
import { request as httpRequest } from 'node:http';
import type { Requester } from '#main/sandbox/registry/registry-context';
import { remoteUser } from './remote-user';

export interface Question {
  path: string;
  /** In whose name. */
  user: Requester;
  accept?: string;
}

export interface BackendAnswer {
  status: number;
  type: string;
  text: string;
}

const LARGEST_DOCUMENT_BYTES = 10 * 2 ** 20;

/** Uses up the connection. Rejects with words like Go's packages have them. */
export function askBackend(connection: Duplex, { path, user, accept }: Question): Promise<BackendAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'localhost', connection: 'close', ...(accept ? { accept } : {}), ...remoteUser(user) };
    const request = httpRequest({ path, headers, createConnection: () => connection });
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > LARGEST_DOCUMENT_BYTES) request.destroy(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          text: Buffer.concat(chunks).toString(),
        }),
      );
      response.on('error', reject);
    });
    request.on('error', (problem: NodeJS.ErrnoException) => {
      // It was closed before it said anything.
      reject(problem.code === 'ECONNRESET' ? new Error('EOF', { cause: problem }) : problem);
    });
    request.end();
  });
}

/** What an answer of JSON says; undefined where it is none. */
export function documentIn({ text }: BackendAnswer): Record<string, unknown> | undefined {
  try {
    const document = JSON.parse(text) as unknown;
    return typeof document === 'object' && document !== null ? (document as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
