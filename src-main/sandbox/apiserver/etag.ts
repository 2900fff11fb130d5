import { createHash } from 'node:crypto';
import type { ApiRequest, ApiResponse } from './api-request';

/** A document that clients keep: its bytes and the quoted upper-case SHA-512 that names them. */
export interface TaggedDocument {
  bytes: Buffer;
  etag: string;
}

export function tagged(value: unknown): TaggedDocument {
  const bytes = Buffer.from(JSON.stringify(value));
  return { bytes, etag: `"${createHash('sha512').update(bytes).digest('hex').toUpperCase()}"` };
}

/** 304 for a client that has it already. */
export function documentResponse(
  { headers }: ApiRequest,
  { bytes, etag }: TaggedDocument,
  more: Record<string, string>,
): ApiResponse {
  const common = { etag, vary: 'Accept', ...more };
  if (headers['if-none-match'] === etag) return { status: 304, headers: common };
  const body = {
    shape: 'value' as const,
    value: () => JSON.parse(bytes.toString('utf8')) as unknown,
    chunks: () => [bytes],
    length: () => bytes.length,
  };
  return { status: 200, headers: common, body };
}
