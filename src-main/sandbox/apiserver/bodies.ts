import { Buffer } from 'node:buffer';
import type { Status } from '#common/kube/status-error';
import type { ApiResponse, BytesBody, ValueBody } from './api-request';

export const JSON_TYPE = 'application/json';

/** A body from a value that is encoded when it goes over a network. */
export function jsonBody(value: unknown, indent?: number): ValueBody {
  let bytes: Buffer | undefined;
  const encoded = (): Buffer => (bytes ??= Buffer.from(JSON.stringify(value, undefined, indent)));
  return { shape: 'value', value: () => value, chunks: () => [encoded()], length: () => encoded().length };
}

/** A body whose bytes are kept already. */
export function keptBody(value: unknown, bytes: () => Buffer): ValueBody {
  return { shape: 'value', value: () => value, chunks: () => [bytes()], length: () => bytes().length };
}

export function jsonResponse(status: number, value: unknown, headers: Record<string, string> = {}): ApiResponse {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: jsonBody(value) };
}

export function statusResponse(status: Status): ApiResponse {
  return jsonResponse(status.code ?? (status.status === 'Success' ? 200 : 500), status);
}

export function textResponse(status: number, text: string, headers: Record<string, string> = {}): ApiResponse {
  const bytes = Buffer.from(text);
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', ...headers },
    body: { shape: 'value', value: () => text, chunks: () => [bytes], length: () => bytes.length },
  };
}

export function bytesResponse(chunks: AsyncIterable<Uint8Array>, headers: Record<string, string>): ApiResponse {
  return { status: 200, headers, body: { shape: 'bytes', chunks } satisfies BytesBody };
}
