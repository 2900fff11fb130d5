import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import type { ProgramContext } from './program-context';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const SERVER = 'kubernetes.default.svc';

export interface ApiAnswer {
  status: number;
  body: unknown;
}

export interface ApiCall {
  method: string;
  /** From `/api` on. */
  path: string;
  body?: unknown;
  contentType?: string;
}

/** Asks the API server as a program in a Pod does: through its Service, with the mounted token. */
export async function askApi(
  { fs, connect: dial }: Pick<ProgramContext, 'fs' | 'connect'>,
  { method, path, body, contentType = 'application/json' }: ApiCall,
  signal: AbortSignal,
): Promise<ApiAnswer> {
  const files = await fs();
  const [ca, token] = await Promise.all([files.readFile(`${ACCOUNT}/ca.crt`), files.readFile(`${ACCOUNT}/token`)]);
  const socket = await dial(SERVER, 443, signal);
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': contentType };
  return new Promise((resolve, reject) => {
    const createConnection = () => connect({ socket, ca, servername: SERVER });
    const asked = request({ method, path, host: SERVER, headers, createConnection, signal }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: JSON.parse(answer) }), reject);
    });
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
