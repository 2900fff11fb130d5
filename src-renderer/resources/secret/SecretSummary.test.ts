import { afterEach, describe, expect, it } from 'vitest';
import { mountView, settle, type Mounted } from '#renderer/resources/shared/mount.fixture';
import { objectRef, refOfKind } from '#renderer/resources/shared/object-refs';
import SecretSummary from './SecretSummary.vue';

const target = objectRef('c', refOfKind('v1', 'Secret', true), { namespace: 'shop', name: 'tls' });
const object = {
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'kubernetes.io/tls',
  metadata: { name: 'tls', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-11-20T09:00:00Z' },
  data: { token: '', 'tls.key': '' },
};

let mounted: Mounted;
afterEach(() => mounted.wrapper.unmount());

function open(reveal: (request: { key: string }) => Promise<string>) {
  mounted = mountView(SecretSummary, { object, target, events: [], related: [] }, { api: { objects: { reveal } } });
  return mounted.wrapper;
}

describe('SecretSummary', () => {
  it('reveals one value when it is asked for, and forgets it when it is hidden', async () => {
    const asked: string[] = [];
    const wrapper = open(async ({ key }) => {
      asked.push(key);
      return 'hush';
    });
    expect(wrapper.text()).not.toContain('hush');
    await wrapper.get('[aria-label="Reveal token"]').trigger('click');
    await settle();
    expect(asked).toEqual(['token']);
    expect(wrapper.text()).toContain('hush');
    await wrapper.get('[aria-label="Hide token"]').trigger('click');
    expect(wrapper.text()).not.toContain('hush');
  });

  it('says why a value cannot be revealed', async () => {
    const wrapper = open(async () => {
      throw new Error('secrets "tls" is forbidden');
    });
    await wrapper.get('[aria-label="Reveal tls.key"]').trigger('click');
    await settle();
    expect(wrapper.get('[role=alert]').text()).toBe('Not revealed: secrets "tls" is forbidden');
  });
});

it('reveals the next hidden value with x', async () => {
  const asked: string[] = [];
  open(async ({ key }) => {
    asked.push(key);
    return key;
  });
  for (let press = 0; press < 3; press++) {
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'x', bubbles: true }));
    await settle();
  }
  expect(asked).toEqual(['tls.key', 'token']);
});
