import * as v from 'valibot';
import { Problem } from '../base/errors';
import type { Contract, Handlers, Operation } from './define';
import { INITIAL_CREDIT, toWireError, type Channel, type HostFrame, type WindowFrame } from './wire';

type AnyHandler = (input: unknown, context: { signal: AbortSignal }) => unknown;

interface Running {
  controller: AbortController;
  credit: number;
  wake: () => void;
}

/**
 * The host's side of the contract over one channel: checks each input against the contract, runs the handler, and sends
 * the items of a stream only while the reader has credit. A handler's generator is not advanced meanwhile, so whatever
 * it coalesces stays in one place. Everything under way is aborted when the channel closes.
 */
export function serve<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  channel: Channel<HostFrame, WindowFrame>,
): void {
  const server = new Server(contract, handlers as unknown as Record<string, Record<string, AnyHandler>>, channel);
  channel.listen({ frame: (frame) => server.receive(frame), closed: () => server.close() });
}

class Server {
  readonly #contract: Contract;
  readonly #handlers: Record<string, Record<string, AnyHandler>>;
  readonly #channel: Channel<HostFrame, WindowFrame>;
  readonly #running = new Map<number, Running>();

  constructor(
    contract: Contract,
    handlers: Record<string, Record<string, AnyHandler>>,
    channel: Channel<HostFrame, WindowFrame>,
  ) {
    this.#contract = contract;
    this.#handlers = handlers;
    this.#channel = channel;
  }

  receive(frame: WindowFrame): void {
    switch (frame.type) {
      case 'call':
      case 'open':
        void this.#run(frame);
        return;
      case 'credit': {
        const running = this.#running.get(frame.id);
        if (!running) return;
        running.credit += frame.items;
        running.wake();
        return;
      }
      case 'cancel':
        this.#running.get(frame.id)?.controller.abort(new Problem('cancelled', 'The reader has left.'));
        this.#running.get(frame.id)?.wake();
        this.#running.delete(frame.id);
    }
  }

  close(): void {
    for (const running of this.#running.values()) {
      running.controller.abort(new Problem('disconnected', 'The window has gone.'));
      running.wake();
    }
    this.#running.clear();
  }

  async #run(frame: WindowFrame & { type: 'call' | 'open' }): Promise<void> {
    const { id } = frame;
    const running: Running = { controller: new AbortController(), credit: INITIAL_CREDIT, wake: () => {} };
    this.#running.set(id, running);
    try {
      const { operation, handler } = this.#find(frame.operation);
      const input = checked(operation, frame.operation, frame.input);
      const result = handler(input, { signal: running.controller.signal });
      if (operation.kind === 'stream') await this.#stream(id, running, result as AsyncIterable<unknown>);
      else this.#post(id, { type: 'answer', id, value: await result });
    } catch (error) {
      this.#post(id, { type: 'error', id, error: toWireError(error) });
    } finally {
      this.#running.delete(id);
    }
  }

  async #stream(id: number, running: Running, items: AsyncIterable<unknown>): Promise<void> {
    for await (const value of items) {
      if (running.controller.signal.aborted) return;
      this.#post(id, { type: 'item', id, value });
      running.credit--;
      while (running.credit <= 0 && !running.controller.signal.aborted) {
        await new Promise<void>((resolve) => (running.wake = resolve));
      }
      await this.#channel.room?.();
    }
    this.#post(id, { type: 'end', id });
  }

  /** Nothing is said to a reader that has left. */
  #post(id: number, frame: HostFrame): void {
    if (this.#running.has(id)) this.#channel.post(frame);
  }

  #find(path: string): { operation: Operation; handler: AnyHandler } {
    const [group = '', name = ''] = path.split('.');
    const operations = Object.hasOwn(this.#contract, group) ? this.#contract[group] : undefined;
    const operation = operations && Object.hasOwn(operations, name) ? operations[name] : undefined;
    const handler = this.#handlers[group]?.[name];
    if (!operation || !handler) throw new Problem('unknown-operation', `There is no operation "${path}".`);
    return { operation, handler };
  }
}

function checked(operation: Operation, path: string, input: unknown): unknown {
  const result = v.safeParse(operation.input, input ?? undefined);
  if (result.success) return result.output;
  const issues = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'input'}: ${issue.message}`);
  throw new Problem('bad-input', `${path} was called with input it does not take: ${issues[0] ?? ''}`, {
    details: issues.join('\n'),
  });
}
