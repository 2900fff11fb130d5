import { Problem, messageOf } from '../base/errors';
import { ApiStatusError, type Status } from '../kube/status-error';

/** What the window sends to the host. Ids are chosen by the window and never reused on one channel. */
export type WindowFrame =
  | { type: 'call'; id: number; operation: string; input: unknown }
  | { type: 'open'; id: number; operation: string; input: unknown }
  /** The reader has taken `items` more items of a stream. */
  | { type: 'credit'; id: number; items: number }
  | { type: 'cancel'; id: number };

/** What the host sends to the window. */
export type HostFrame =
  | { type: 'answer'; id: number; value: unknown }
  | { type: 'item'; id: number; value: unknown }
  | { type: 'end'; id: number }
  | { type: 'error'; id: number; error: WireError };

/** An error as data: rebuilt on the other side as the class it was. */
export type WireError =
  | { class: 'status'; status: Status }
  | { class: 'problem'; code: string; message: string; nextStep?: string; details?: string }
  | { class: 'other'; message: string };

/** A two-way, ordered, reliable carrier of frames: a MessagePort or a WebSocket. */
export interface Channel<Out, In> {
  post(frame: Out): void;
  /** Resolves when the carrier has room for more; undefined when it has room now. Absent where it always has. */
  room?(): Promise<void> | undefined;
  /** Both handlers are set once, before the first frame is posted. */
  listen(handlers: { frame(frame: In): void; closed(): void }): void;
  close(): void;
}

/** Where the browser host takes the window's WebSocket; each text message is one frame as JSON. */
export const SOCKET_PATH = '/socket';

/** Items a host may send before the window has taken any: enough to hide one round trip, small enough to stay current. */
export const INITIAL_CREDIT = 4;

export function toWireError(error: unknown): WireError {
  if (error instanceof ApiStatusError) return { class: 'status', status: error.status };
  if (error instanceof Problem) {
    const { code, message, nextStep, details } = error;
    return { class: 'problem', code, message, ...(nextStep ? { nextStep } : {}), ...(details ? { details } : {}) };
  }
  return { class: 'other', message: messageOf(error) };
}

export function fromWireError(error: WireError): Error {
  switch (error.class) {
    case 'status':
      return new ApiStatusError(error.status);
    case 'problem':
      return new Problem(error.code, error.message, error);
    case 'other':
      return new Error(error.message);
  }
}
