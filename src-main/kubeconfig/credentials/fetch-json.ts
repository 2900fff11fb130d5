import * as http from 'node:http';
import * as https from 'node:https';
import type { Clock } from '#common/base/clock';
import { trustOptions } from '#main/base/tls';

export interface FetchOptions {
  /** PEM certificates that alone are believed. */
  ca?: string | undefined;
  /** Sent as a form by POST. */
  form?: URLSearchParams;
  timeoutMs: number;
  clock: Clock;
  signal?: AbortSignal | undefined;
}

/** Tokens and discovery documents are a few kilobytes. */
const MAX_BYTES = 1024 * 1024;

/** One small JSON document from an identity provider. Rejects for anything but 2xx. */
export async function fetchJson(url: string, options: FetchOptions): Promise<Record<string, unknown>> {
  const response = await open(new URL(url), options);
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BYTES) throw new Error(`the answer of ${new URL(url).host} is too long`);
    parts.push(part);
  }
  const code = response.statusCode ?? 0;
  if (code < 200 || code > 299) throw new Error(`${new URL(url).host} answered ${code}`);
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as Record<string, unknown>;
}

function open(url: URL, { ca, form, timeoutMs, clock, signal }: FetchOptions): Promise<http.IncomingMessage> {
  const send = url.protocol === 'http:' ? http.request : https.request;
  const headers = {
    accept: 'application/json',
    ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
  };
  return new Promise((resolve, reject) => {
    const request = send(url, {
      method: form ? 'POST' : 'GET',
      headers,
      agent: false,
      ...trustOptions(ca ? { ca } : {}),
      ...(signal ? { signal } : {}),
    });
    const limit = clock.after(timeoutMs, () => request.destroy(new Error(`${url.host} does not answer`)));
    request.once('response', resolve);
    request.once('error', reject);
    request.once('close', () => limit[Symbol.dispose]());
    request.end(form?.toString());
  });
}
