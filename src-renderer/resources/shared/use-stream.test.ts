import { describe, expect, it } from 'vitest';
import { effectScope, nextTick, ref } from 'vue';
import { AsyncQueue } from '#common/base/queue';
import { useStream } from './use-stream';

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  await nextTick();
}

/** A stream per key that the test feeds by hand. */
function follow() {
  const key = ref<string>();
  const queues = new Map<string, { queue: AsyncQueue<string>; signal: AbortSignal }>();
  const scope = effectScope();
  const view = scope.run(() =>
    useStream(
      () => key.value,
      (signal) => {
        const queue = new AsyncQueue<string>(Infinity);
        queues.set(key.value!, { queue, signal });
        return queue;
      },
    ),
  )!;
  return { key, queues, scope, view };
}

describe('useStream', () => {
  it('shows the newest item', async () => {
    const { key, queues, scope, view } = follow();
    key.value = 'a';
    await settle();
    void queues.get('a')!.queue.push('1');
    void queues.get('a')!.queue.push('2');
    await settle();
    expect(view.value.value).toBe('2');
    scope.stop();
    expect(queues.get('a')!.signal.aborted).toBe(true);
  });

  it('drops what an earlier stream still delivers', async () => {
    const { key, queues, scope, view } = follow();
    key.value = 'a';
    await settle();
    key.value = 'b';
    await settle();
    void queues.get('a')!.queue.push('late');
    await settle();
    expect(view.value.value).toBeUndefined();
    expect(queues.get('a')!.signal.aborted).toBe(true);
    void queues.get('b')!.queue.push('new');
    await settle();
    expect(view.value.value).toBe('new');
    scope.stop();
  });

  it('keeps what was seen when the stream breaks, says why, and opens it again', async () => {
    const { key, queues, scope, view } = follow();
    key.value = 'a';
    await settle();
    void queues.get('a')!.queue.push('1');
    queues.get('a')!.queue.fail(new Error('gone'));
    await settle();
    expect(view.value.value).toBe('1');
    expect(view.failure.value).toEqual(new Error('gone'));
    view.retry();
    await settle();
    expect(view.failure.value).toBeUndefined();
    scope.stop();
  });
});
