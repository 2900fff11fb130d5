/** The filters of the server, in the order in which a request meets them. */
import type { ApiResponse } from './api-request';
import { dispatch } from './dispatch';
import type { Exchange } from './exchange';
import { auditId } from './filters/audit-id';
import { authenticate } from './filters/authenticate';
import { authorize } from './filters/authorize';
import { countRequest } from './filters/count-request';
import { deadline } from './filters/deadline';
import { impersonate } from './filters/impersonate';
import { limitRequests } from './filters/limit-requests';
import { recover } from './filters/recover';
import { addWarnings } from './filters/warnings';

/** Answers itself, or lets the request go on by calling `next`. */
export type Filter = (exchange: Exchange, next: () => Promise<ApiResponse>) => Promise<ApiResponse>;

const chain: readonly Filter[] = [
  auditId,
  countRequest,
  addWarnings,
  recover,
  deadline,
  authenticate,
  impersonate,
  limitRequests,
  authorize,
];

/** Takes one request through the chain to its handler. */
export function handleExchange(exchange: Exchange): Promise<ApiResponse> {
  const from = (index: number): Promise<ApiResponse> => {
    const filter = chain[index];
    return filter ? filter(exchange, () => from(index + 1)) : dispatch(exchange);
  };
  return from(0);
}
