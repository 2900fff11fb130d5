import type { HttpHandler } from '../http-listener';
import type { ProgramContext } from '../program-context';
import { elasticsearchHandler } from './elasticsearch';
import { ingressHandler } from './ingress';
import { livenessHandler, netexecHandler, porterHandler } from './agnhost';

/** What the code behind a port has of its container. */
export interface HandlerContext extends ProgramContext {
  port: number;
  /** What the port speaks: `http`, `https`. */
  protocol: string;
  /** Ends the program with a code. */
  exit: (code: number) => void;
  /** Aborts when the program ends. */
  signal: AbortSignal;
}

const handlers: Readonly<Record<string, (context: HandlerContext) => HttpHandler>> = {
  elasticsearch: elasticsearchHandler,
  ingress: ingressHandler,
  liveness: livenessHandler,
  netexec: netexecHandler,
  porter: porterHandler,
};

export function handlerOf(name: string, context: HandlerContext): HttpHandler | undefined {
  return handlers[name]?.(context);
}
