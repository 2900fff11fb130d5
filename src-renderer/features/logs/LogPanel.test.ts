import { afterEach, describe, expect, it } from 'vitest';
import type { LogBatch, LogRequest } from '#common/contract/logs';
import { mountView, settle, type Mounted } from '#renderer/resources/shared/mount.fixture';
import LogPanel from './LogPanel.vue';

const target = {
  cluster: 'c',
  namespace: 'shop',
  title: 'checkout',
  labelSelector: 'app=checkout',
  containers: ['app'],
};

function line(pod: string, text: string) {
  return { pod, container: 'app', time: '2026-11-20T09:41:07.118Z', text };
}

let mounted: Mounted;
afterEach(() => mounted.wrapper.unmount());

/** Two frames: one to take the batch in, one to draw it. */
async function drawn(): Promise<void> {
  for (let frame = 0; frame < 3; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
  await settle();
}

async function open(...batches: (LogBatch | Error)[]) {
  const requests: LogRequest[] = [];
  const signals: AbortSignal[] = [];
  async function* follow(request: LogRequest, { signal }: { signal: AbortSignal }) {
    requests.push(request);
    signals.push(signal);
    for (const batch of batches) {
      if (batch instanceof Error) throw batch;
      yield batch;
    }
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  }
  mounted = mountView(LogPanel, { target }, { api: { logs: { follow } } });
  await drawn();
  return { wrapper: mounted.wrapper, requests, signals };
}

const shown = () => mounted.wrapper.findAll('.line').map((element) => element.text());

describe('LogPanel', () => {
  it('shows the lines of several Pods under their short names, and what happened to them', async () => {
    const ended = { pod: 'checkout-2', container: 'app', state: 'ended' as const, message: '' };
    const { requests } = await open({
      lines: [line('checkout-1', 'INFO one'), line('checkout-2', 'ERROR two')],
      notices: [ended],
    });
    expect(requests).toMatchObject([{ labelSelector: 'app=checkout', follow: true, previous: false, tailLines: 200 }]);
    const [first, second, third] = shown();
    expect(first).toMatch(/^1\d.*INFO one$/);
    expect(second).toMatch(/^2\d.*ERROR two$/);
    expect(third).toBe('— 2 · container app has ended —');
    expect(mounted.wrapper.get('footer').text()).toBe('3 lines');
  });

  it('shows only lines that match, and says so', async () => {
    const { wrapper } = await open({ lines: [line('a', 'GET /healthz'), line('a', 'POST /cart')], notices: [] });
    await wrapper.get('.filter').setValue('!healthz');
    await drawn();
    expect(shown()).toHaveLength(1);
    expect(wrapper.get('footer').text()).toBe('1 of 2 lines');
  });

  it('counts matches and steps through them', async () => {
    const { wrapper } = await open({ lines: [line('a', 'x'), line('a', 'needle'), line('a', 'Needle')], notices: [] });
    const field = wrapper.get('input[type=search]');
    await field.setValue('needle');
    await drawn();
    expect(wrapper.findAll('mark')).toHaveLength(2);
    await field.trigger('keydown', { key: 'Enter' });
    await drawn();
    expect(wrapper.get('.count').text()).toBe('1 of 2');
    expect(wrapper.get('.line.current').text()).toContain('needle');
  });

  it('marks an expression that cannot be read instead of failing', async () => {
    const { wrapper } = await open({ lines: [line('a', 'x')], notices: [] });
    await wrapper.get('input[type=search]').setValue('/(/');
    await drawn();
    expect(wrapper.get('input[type=search]').attributes('aria-invalid')).toBe('true');
    expect(shown()).toHaveLength(1);
  });

  it('begins again with an empty view when the run before is asked for', async () => {
    const { wrapper, requests, signals } = await open({ lines: [line('a', 'x')], notices: [] });
    const previous = wrapper.findAll('button').find((button) => button.text() === 'Previous');
    await previous?.trigger('click');
    await drawn();
    expect(requests.at(-1)).toMatchObject({ previous: true, follow: false });
    expect(signals[0]?.aborted).toBe(true);
    expect(shown()).toHaveLength(1);
  });

  it('says why there is no log, and tries again when asked', async () => {
    const { wrapper, requests } = await open(new Error('pods "x" is forbidden'));
    expect(wrapper.get('[role=alert]').text()).toContain('pods "x" is forbidden');
    await wrapper
      .findAll('button')
      .find((button) => button.text() === 'Try again')
      ?.trigger('click');
    await drawn();
    expect(requests).toHaveLength(2);
  });
});

it('reads a workload that was opened by its name only, for the selector of its Pods', async () => {
  const resource = { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', namespaced: true };
  const unread = { cluster: 'c', resource, namespace: 'shop', name: 'web' };
  const requests: LogRequest[] = [];
  const object = { metadata: { name: 'web' }, spec: { selector: { matchLabels: { app: 'web' } } } };
  async function* watch() {
    yield { object, deleted: false, freshness: { state: 'live', since: 0 } };
  }
  async function* follow(request: LogRequest, { signal }: { signal: AbortSignal }) {
    requests.push(request);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    yield { lines: [], notices: [] };
  }
  mounted = mountView(
    LogPanel,
    { target: { cluster: 'c', namespace: 'shop', title: 'web', unread } },
    { api: { objects: { watch }, logs: { follow } } },
  );
  await drawn();
  expect(requests).toMatchObject([{ labelSelector: 'app=web' }]);
});
