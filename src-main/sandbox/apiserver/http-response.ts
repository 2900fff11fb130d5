import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { ApiRequest, ApiResponse, ValueBody } from './api-request';
import type { AnyResponse } from './listener';

/** Bodies above this are compressed for clients that take it, as real servers do. */
const COMPRESS_ABOVE_BYTES = 128 * 1024;

const compress = promisify(gzip);

/** Sends an answer; resolves when it is sent, or when the client has gone. */
export async function writeResponse(request: ApiRequest, outgoing: AnyResponse, response: ApiResponse): Promise<void> {
  if (outgoing.destroyed) return;
  setHeaders(outgoing, response);
  const { body } = response;
  if (!body) outgoing.end();
  else if (body.shape === 'value') await writeValue(request, outgoing, { response, body });
  else await writeStream(request, outgoing, { response, chunks: body.shape === 'lines' ? body.frames() : body.chunks });
}

function setHeaders(outgoing: AnyResponse, { status, headers, warnings }: ApiResponse): void {
  outgoing.statusCode = status;
  for (const name in headers) outgoing.setHeader(name, headers[name] ?? '');
  if (!('cache-control' in headers)) outgoing.setHeader('cache-control', 'no-cache, private');
  if (warnings) outgoing.setHeader('warning', warnings.map(warningText));
}

function warningText(text: string): string {
  return `299 - "${text.replaceAll(/[\\"]/g, String.raw`\$&`).replaceAll(/[^\u0020-\u007e]/g, ' ')}"`;
}

interface ValueAnswer {
  response: ApiResponse;
  body: ValueBody;
}

async function writeValue(
  { method, headers }: ApiRequest,
  outgoing: AnyResponse,
  { body }: ValueAnswer,
): Promise<void> {
  const length = body.length();
  const isCompressed = length > COMPRESS_ABOVE_BYTES && /\bgzip\b/.test(headers['accept-encoding'] ?? '');
  if (isCompressed) {
    outgoing.setHeader('vary', 'Accept-Encoding');
    outgoing.setHeader('content-encoding', 'gzip');
    const bytes = await compress(Buffer.concat([...body.chunks()]), { level: constants.Z_BEST_SPEED });
    outgoing.setHeader('content-length', bytes.length);
    end(outgoing, bytes);
    return;
  }
  outgoing.setHeader('content-length', length);
  if (method === 'HEAD') {
    outgoing.end();
    return;
  }
  const chunks = [...body.chunks()];
  const last = chunks.pop();
  for (const chunk of chunks) if (!(await write(outgoing, chunk))) return;
  end(outgoing, last);
}

function end(outgoing: AnyResponse, chunk?: Uint8Array): void {
  (outgoing as { end(chunk?: Uint8Array): void }).end(chunk);
}

interface StreamAnswer {
  response: ApiResponse;
  chunks: AsyncIterable<Uint8Array>;
}

/** The head goes at once: clients wait for it before the first event comes. */
async function writeStream(_request: ApiRequest, outgoing: AnyResponse, { chunks }: StreamAnswer): Promise<void> {
  // HTTP/2 answers have it too, though their types do not say so.
  (outgoing as { flushHeaders(): void }).flushHeaders();
  try {
    for await (const chunk of chunks) if (!(await write(outgoing, chunk))) return;
  } finally {
    outgoing.end();
  }
}

/** False when the client has gone; waits while its socket is full. */
function write(outgoing: AnyResponse, chunk: Uint8Array): Promise<boolean> | boolean {
  if (outgoing.destroyed || outgoing.closed) return false;
  // Both kinds of answer take bytes; their types do not agree on how to say so.
  const hasRoom = (outgoing as { write(chunk: Uint8Array): boolean }).write(chunk);
  return hasRoom || drained(outgoing);
}

function drained(outgoing: AnyResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const onDrain = (): void => settle(true);
    const onClose = (): void => settle(false);
    const settle = (isOpen: boolean): void => {
      outgoing.off('drain', onDrain);
      outgoing.off('close', onClose);
      resolve(isOpen);
    };
    outgoing.once('drain', onDrain);
    outgoing.once('close', onClose);
  });
}
