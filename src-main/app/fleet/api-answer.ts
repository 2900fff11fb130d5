import { request } from 'node:https';
import { sleep, type Clock } from '#common/base/clock';

const RETRY_MS = 20;

/** Waits until a request to the API server at `url` gets an answer, whatever it says: nothing is sent but the question. */
export async function apiAnswer(url: string, clock: Clock, signal?: AbortSignal): Promise<void> {
  while (!(await answers(new URL('/readyz', url), signal))) await sleep(clock, RETRY_MS, signal);
}

function answers(url: URL, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request(url, { rejectUnauthorized: false, agent: false, ...(signal ? { signal } : {}) });
    sent.once('error', () => resolve(false));
    sent.once('response', (response) => {
      response.resume();
      resolve(true);
    });
    sent.end();
  });
}
