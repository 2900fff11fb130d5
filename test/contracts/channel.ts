import * as v from 'valibot';
import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '#common/base/errors';
import { createApi } from '#common/contract/api';
import { call, stream, type Handlers } from '#common/contract/define';
import { serve } from '#common/contract/serve';
import { INITIAL_CREDIT, type Channel, type HostFrame, type WindowFrame } from '#common/contract/wire';
import { ApiStatusError, failure, isNotFound } from '#common/kube/status-error';

export interface ChannelPair {
  window: Channel<WindowFrame, HostFrame>;
  host: Channel<HostFrame, WindowFrame>;
  close(): Promise<void>;
}

const contract = {
  numbers: {
    double: call(v.object({ value: v.number() })).returns<number>(),
    refuse: call(v.object({ as: v.picklist(['status', 'problem', 'error']) })).returns<void>(),
    never: call(v.optional(v.null())).returns<void>(),
    echo: call(v.object({ text: v.string() })).returns<string>(),
    count: stream(v.object({ to: v.number() })).of<number>(),
    broken: stream(v.optional(v.null())).of<number>(),
  },
};

class Host {
  produced = 0;
  readonly aborted: unknown[] = [];

  readonly handlers: Handlers<typeof contract> = {
    numbers: {
      double: ({ value }) => value * 2,
      refuse: ({ as }) => {
        if (as === 'status') throw failure(404, 'NotFound', 'pods "web" not found', { name: 'web', kind: 'pods' });
        if (as === 'problem') throw new Problem('port-in-use', 'Port 80 is taken.', { nextStep: 'Use 8080.' });
        throw new Error('unforeseen');
      },
      never: (_input, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            this.aborted.push(signal.reason);
            reject(signal.reason);
          });
        }),
      echo: ({ text }) => text,
      count: ({ to }, { signal }) => this.#count(to, signal),
      broken: () => this.#broken(),
    },
  };

  async *#count(to: number, signal: AbortSignal) {
    try {
      for (let value = 1; value <= to; value++) {
        this.produced = value;
        yield value;
      }
    } finally {
      if (signal.aborted) this.aborted.push(signal.reason);
    }
  }

  async *#broken() {
    yield 1;
    yield 2;
    throw new Problem('gone', 'The source has ended.');
  }
}

/** What every carrier of the contract promises: run by each of them with its own way to make a connected pair. */
export function describeChannel(name: string, open: () => Promise<ChannelPair>): void {
  describe(`contract over ${name}`, () => {
    const pairs: ChannelPair[] = [];
    afterEach(async () => {
      for (const pair of pairs.splice(0)) await pair.close();
    });

    async function connect() {
      const pair = await open();
      pairs.push(pair);
      const host = new Host();
      serve(contract, host.handlers, pair.host);
      return { pair, host, api: createApi(contract, pair.window) };
    }

    it('answers a call', async () => {
      const { api } = await connect();
      expect(await api.numbers.double({ value: 21 })).toBe(42);
    });

    it('carries any text unchanged, also a long one', async () => {
      const { api } = await connect();
      const text = '集群 🚢 \u0000 "quoted" \n'.repeat(20_000);
      expect(await api.numbers.echo({ text })).toBe(text);
    });

    it('keeps many calls apart', async () => {
      const { api } = await connect();
      const values = Array.from({ length: 200 }, (_, value) => value);
      expect(await Promise.all(values.map((value) => api.numbers.double({ value })))).toEqual(values.map((n) => n * 2));
    });

    it('refuses input that the contract does not take, before the handler runs', async () => {
      const { api } = await connect();
      const refusal = await api.numbers.double({ value: 'x' as unknown as number }).catch((error: unknown) => error);
      expect(refusal).toMatchObject({ name: 'Problem', code: 'bad-input' });
    });

    it('rebuilds a Status, a Problem and any other error as what they were', async () => {
      const { api } = await connect();
      const status = await api.numbers.refuse({ as: 'status' }).catch((error: unknown) => error);
      expect(status).toBeInstanceOf(ApiStatusError);
      expect(isNotFound(status)).toBe(true);
      expect((status as ApiStatusError).status.details).toEqual({ name: 'web', kind: 'pods' });
      const problem = await api.numbers.refuse({ as: 'problem' }).catch((error: unknown) => error);
      expect(problem).toBeInstanceOf(Problem);
      expect(problem).toMatchObject({ code: 'port-in-use', message: 'Port 80 is taken.', nextStep: 'Use 8080.' });
      await expect(api.numbers.refuse({ as: 'error' })).rejects.toThrow('unforeseen');
    });

    it.each(['numbers.nothing', 'constructor.name', '__proto__.toString', 'numbers', ''])(
      'refuses the unknown operation %j',
      async (operation) => {
        const { pair } = await connect();
        const answer = new Promise<HostFrame>((resolve) =>
          pair.window.listen({ frame: resolve, closed: () => undefined }),
        );
        pair.window.post({ type: 'call', id: 1, operation, input: null });
        expect(await answer).toMatchObject({ type: 'error', id: 1, error: { code: 'unknown-operation' } });
      },
    );

    it('delivers every item of a stream in order and then ends', async () => {
      const { api } = await connect();
      const items: number[] = [];
      for await (const item of api.numbers.count({ to: 50 })) items.push(item);
      expect(items).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    });

    it('delivers what came before a stream broke, then its error', async () => {
      const { api } = await connect();
      const items: number[] = [];
      const failed = await (async () => {
        for await (const item of api.numbers.broken()) items.push(item);
      })().catch((error: unknown) => error);
      expect(items).toEqual([1, 2]);
      expect(failed).toMatchObject({ code: 'gone' });
    });

    it('does not advance a source further than its reader has credit', async () => {
      const { api, host } = await connect();
      const reader = api.numbers.count({ to: 1000 })[Symbol.asyncIterator]();
      for (let taken = 0; taken < 10; taken++) await reader.next();
      // A round trip: whatever the host was going to send by now has been sent.
      await api.numbers.double({ value: 1 });
      expect(host.produced).toBeLessThanOrEqual(10 + INITIAL_CREDIT);
      await reader.return?.();
    });

    it('aborts the source when the reader leaves', async () => {
      const { api, host } = await connect();
      for await (const item of api.numbers.count({ to: 1000 })) if (item === 3) break;
      await expect.poll(() => host.aborted).toMatchObject([{ code: 'cancelled' }]);
    });

    it('aborts a call in the host when the caller aborts', async () => {
      const { api, host } = await connect();
      const controller = new AbortController();
      const waiting = api.numbers.never(null, { signal: controller.signal });
      controller.abort(new Error('changed my mind'));
      await expect(waiting).rejects.toThrow('changed my mind');
      await expect.poll(() => host.aborted).toMatchObject([{ code: 'cancelled' }]);
    });

    it('does not begin when the signal is aborted already', async () => {
      const { api, host } = await connect();
      await expect(api.numbers.never(null, { signal: AbortSignal.abort(new Error('late')) })).rejects.toThrow('late');
      expect(host.aborted).toEqual([]);
    });

    it('aborts everything in the host when the window goes', async () => {
      const { pair, api, host } = await connect();
      const waiting = api.numbers.never().catch((error: unknown) => error);
      await api.numbers.double({ value: 1 });
      pair.window.close();
      await expect.poll(() => host.aborted).toMatchObject([{ code: 'disconnected' }]);
      expect(await waiting).toMatchObject({ code: 'disconnected' });
    });

    it('fails everything in the window when the host goes', async () => {
      const { pair, api } = await connect();
      const waiting = api.numbers.never().catch((error: unknown) => error);
      await api.numbers.double({ value: 1 });
      pair.host.close();
      expect(await waiting).toMatchObject({ code: 'disconnected' });
      await expect(api.numbers.double({ value: 1 })).rejects.toMatchObject({ code: 'disconnected' });
    });
  });
}
