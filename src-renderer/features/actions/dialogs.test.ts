import { afterEach, describe, expect, it } from 'vitest';
import type { Desk } from '#renderer/resources/shared/desk';
import { mountView, settle } from '#renderer/resources/shared/mount.fixture';
import { objectRef, refOfKind } from '#renderer/resources/shared/object-refs';
import DeleteDialog from './DeleteDialog.vue';
import ScaleDialog from './ScaleDialog.vue';

const cluster = 'context:prod';
const pod = objectRef(cluster, refOfKind('v1', 'Pod', true), { namespace: 'shop', name: 'web-1' });
const web = objectRef(cluster, refOfKind('apps/v1', 'Deployment', true), { namespace: 'shop', name: 'web' });
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 2 } };

const dialog = () => document.querySelector('[role=dialog]')!;
const button = (text: string) =>
  [...dialog().querySelectorAll('button')].find((element) => element.textContent?.trim().startsWith(text))!;

function type(element: HTMLInputElement, value: string): void {
  element.value = value;
  element.dispatchEvent(new Event('input', { bubbles: true }));
}

let close: (() => void) | undefined;
afterEach(() => close?.());

async function open(
  component: Parameters<typeof mountView>[0],
  props: object,
  given: Parameters<typeof mountView>[2] = {},
) {
  const mounted = mountView(component, props as Record<string, unknown>, given);
  close = () => mounted.wrapper.unmount();
  await settle();
  return mounted;
}

describe('DeleteDialog', () => {
  it('shows the kubectl command, deletes, says so and closes', async () => {
    const requests: unknown[] = [];
    const remove = async (request: object) => {
      requests.push(request);
      return [{ name: 'web-1', outcome: 'deleting' }];
    };
    const { wrapper, said } = await open(DeleteDialog, { targets: [pod] }, { api: { objects: { remove } } });
    expect(dialog().textContent).toContain('kubectl delete pod web-1 -n shop --context prod');
    button('Delete').click();
    await settle();
    expect(requests).toEqual([{ cluster, objects: [{ resource: pod.resource, name: 'web-1', namespace: 'shop' }] }]);
    expect(said.map(({ text }) => text)).toEqual(['web-1 is being deleted']);
    expect(wrapper.emitted('close')).toHaveLength(1);
  });

  it('stays open with the reason when the server refuses', async () => {
    const remove = async () => [{ name: 'web-1', outcome: 'failed', message: 'pods "web-1" is forbidden' }];
    const { wrapper } = await open(DeleteDialog, { targets: [pod] }, { api: { objects: { remove } } });
    button('Delete').click();
    await settle();
    expect(dialog().querySelector('[role=alert]')?.textContent).toContain('pods "web-1" is forbidden');
    expect(wrapper.emitted('close')).toBeUndefined();
  });

  it('asks for the name of a protected cluster and sends it along', async () => {
    const requests: object[] = [];
    const remove = async (request: object) => {
      requests.push(request);
      return [{ name: 'web-1', outcome: 'deleted' }];
    };
    const desk: Partial<Desk> = { protectionOf: () => 'protected' };
    await open(DeleteDialog, { targets: [pod] }, { api: { objects: { remove } }, desk });
    expect(button('Delete').disabled).toBe(true);
    type(dialog().querySelector<HTMLInputElement>('input[type=text]')!, 'prod');
    await settle();
    button('Delete').click();
    await settle();
    expect(requests).toMatchObject([{ confirmation: 'prod' }]);
  });

  it('refuses on a read-only cluster', async () => {
    await open(DeleteDialog, { targets: [pod] }, { desk: { protectionOf: () => 'read-only' } });
    expect(button('Delete').disabled).toBe(true);
    expect(dialog().textContent).toContain('read-only');
  });
});

describe('ScaleDialog', () => {
  it('follows the number with its words and its command, and scales', async () => {
    const requests: object[] = [];
    const scale = async (request: object) => void requests.push(request);
    const { wrapper } = await open(ScaleDialog, { target: web, object: deployment }, { api: { objects: { scale } } });
    expect(button('Scale').disabled).toBe(true);
    type(dialog().querySelector<HTMLInputElement>('input[type=number]')!, '40');
    await settle();
    expect(dialog().textContent).toContain('38 Pods are started.');
    expect(dialog().textContent).toContain('--replicas=40');
    dialog()
      .querySelector('form')!
      .dispatchEvent(new Event('submit', { cancelable: true }));
    await settle();
    expect(requests).toMatchObject([{ name: 'web', replicas: 40 }]);
    expect(wrapper.emitted('close')).toHaveLength(1);
  });

  it('says whose number it is when something else sets it back', async () => {
    const metadata = { name: 'web', ownerReferences: [{ kind: 'Deployment', name: 'web', controller: true }] };
    await open(ScaleDialog, { target: web, object: { ...deployment, metadata } });
    expect(dialog().textContent).toContain('It belongs to Deployment web, which sets it back.');
  });
});
