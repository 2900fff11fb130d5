import type { ApiResponse } from './api-request';
import { jsonResponse } from './bodies';
import { pageNotFound } from './dispatch-errors';
import type { Exchange } from './exchange';

/** The latest attempts to find the Pod a place, as the scheduler tells them. */
export type SchedulingAttempts = (pod: { namespace: string; name: string }) => readonly object[];

const PATH = /^\/debug\/scheduler\/attempts\/([^/]+)\/([^/]+)$/;

export const isSchedulingPath = (path: string): boolean => path.startsWith('/debug/scheduler/');

/** `GET /debug/scheduler/attempts/NAMESPACE/POD`: read only, and made up for who asks. */
export function schedulingAttempts({ server }: Exchange, path: string): ApiResponse {
  const [, namespace, name] = PATH.exec(path) ?? [];
  if (!namespace || !name) return pageNotFound();
  return jsonResponse(200, { attempts: server.schedulingAttempts?.({ namespace, name }) ?? [] });
}
