import { describe, expect, it } from 'vitest';
import { AsyncQueue } from './queue';

async function take<T>(queue: AsyncQueue<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

describe('AsyncQueue', () => {
  it('delivers what was pushed before and after the reader came, then ends', async () => {
    const queue = new AsyncQueue<number>();
    void queue.push(1);
    const taken = take(queue);
    void queue.push(2);
    queue.end();
    expect(await taken).toEqual([1, 2]);
  });

  it('holds a producer back while it is full', async () => {
    const queue = new AsyncQueue<number>(2);
    await queue.push(1);
    let through = false;
    const pushing = queue.push(2).then(() => (through = true));
    await Promise.resolve();
    expect(through).toBe(false);
    const reader = queue[Symbol.asyncIterator]();
    await reader.next();
    await pushing;
    expect(through).toBe(true);
    await reader.return(undefined);
  });

  it('delivers what is queued before it fails', async () => {
    const queue = new AsyncQueue<number>();
    void queue.push(1);
    queue.fail(new Error('broken'));
    const reader = queue[Symbol.asyncIterator]();
    expect((await reader.next()).value).toBe(1);
    await expect(reader.next()).rejects.toThrow('broken');
  });

  it('frees a waiting producer and drops what comes later when the reader leaves', async () => {
    const queue = new AsyncQueue<number>(1);
    const pushing = queue.push(1);
    for await (const item of queue) if (item === 1) break;
    await pushing;
    await queue.push(2);
    expect(queue.ended).toBe(true);
    expect(queue.size).toBe(0);
  });
});
