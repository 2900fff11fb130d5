import { afterEach, describe, expect, it } from 'vitest';
import { defineComponent } from 'vue';
import type { ObjectState } from '#common/contract/objects';
import { failure } from '#common/kube/status-error';
import { mountView, settle, type Mounted } from '#renderer/resources/shared/mount.fixture';
import { objectRef, refOfKind } from '#renderer/resources/shared/object-refs';
import DetailPanel from './DetailPanel.vue';

const Nothing = defineComponent({ template: '<div />' });
const views = { yaml: Nothing, logs: Nothing, shell: Nothing };
const target = objectRef('c', refOfKind('v1', 'ConfigMap', true), { namespace: 'shop', name: 'env' });
const object = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'env', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-11-20T09:00:00Z' },
  data: { DB_HOST: 'db.shop.svc' },
};
const live = { state: 'live' as const, since: Date.now() };
const status = { tone: 'none' as const, word: '', sentence: 'It holds 1 key: DB_HOST.' };

async function* stream<T>(items: readonly (T | Error)[], signal?: AbortSignal): AsyncGenerator<T> {
  for (const item of items) {
    if (item instanceof Error) throw item;
    yield item;
  }
  await new Promise((resolve) => signal?.addEventListener('abort', resolve));
}

let mounted: Mounted;
afterEach(() => mounted.wrapper.unmount());

async function open(...states: (ObjectState | Error)[]) {
  const watched: string[] = [];
  const api = {
    objects: {
      watch: ({ name }: { name: string }, { signal }: { signal: AbortSignal }) => {
        watched.push(name);
        return stream(states, signal);
      },
      events: (_: unknown, { signal }: { signal: AbortSignal }) => stream([[]], signal),
      related: (_: unknown, { signal }: { signal: AbortSignal }) => stream([[]], signal),
    },
  };
  mounted = mountView(DetailPanel, { target, views }, { api });
  await settle();
  return { wrapper: mounted.wrapper, watched };
}

describe('DetailPanel', () => {
  it('says what state the thing is in and shows its content', async () => {
    const { wrapper } = await open({ object, status, deleted: false, freshness: live });
    expect(wrapper.get('h2').text()).toBe('env');
    expect(wrapper.get('.say').text()).toBe('It holds 1 key: DB_HOST.');
    expect(wrapper.text()).toContain('db.shop.svc');
    expect(wrapper.findAll('[role=tab]').map((tab) => tab.text())).toEqual([
      'Summary',
      'Events',
      'YAML',
      'Describe',
      'Related',
    ]);
  });

  it('shows the shape of what is coming while it loads', async () => {
    const { wrapper } = await open();
    expect(wrapper.get('[role=status]').attributes('aria-label')).toBe('Reading env…');
  });

  it('keeps the last content of a deleted object and offers nothing to do to it', async () => {
    const { wrapper } = await open(
      { object, status, deleted: false, freshness: live },
      { object, status, deleted: true, freshness: live },
    );
    expect(wrapper.text()).toContain('This is the last content that was seen.');
    expect(wrapper.text()).toContain('db.shop.svc');
    expect(wrapper.find('[role=group]').exists()).toBe(false);
  });

  it('says that an object does not exist', async () => {
    const { wrapper } = await open({ deleted: true, freshness: live });
    expect(wrapper.text()).toContain('ConfigMap env does not exist');
  });

  it('says which right is missing', async () => {
    const { wrapper } = await open(failure(403, 'Forbidden', 'configmaps "env" is forbidden'));
    expect(wrapper.text()).toContain('You may not read this object');
  });

  it('keeps the content when the stream breaks, and tries again when asked', async () => {
    const { wrapper, watched } = await open({ object, status, deleted: false, freshness: live }, new Error('gone'));
    expect(wrapper.text()).toContain('db.shop.svc');
    expect(wrapper.text()).toContain('Not live since');
    const retry = wrapper.findAll('button').find((button) => button.text() === 'Try again');
    await retry?.trigger('click');
    expect(watched).toHaveLength(2);
  });

  it('follows another object when the selection changes', async () => {
    const { wrapper, watched } = await open({ object, status, deleted: false, freshness: live });
    await wrapper.setProps({ target: { ...target, name: 'other' } });
    await settle();
    expect(watched).toEqual(['env', 'other']);
  });
});
