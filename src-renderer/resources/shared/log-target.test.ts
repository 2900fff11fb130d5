import { expect, it } from 'vitest';
import type { AnyObject } from '#common/kube/object';
import { logTargetOf } from './log-target';
import { objectRef, refOfKind } from './object-refs';

const ref = (apiVersion: string, kind: string) =>
  objectRef('c', refOfKind(apiVersion, kind, true), { namespace: 'shop', name: 'web' });
const object = (spec: object) => ({ spec }) as unknown as AnyObject;

it('reads one Pod with its containers', () => {
  const spec = { containers: [{ name: 'web' }], initContainers: [{ name: 'wait' }] };
  expect(logTargetOf(ref('v1', 'Pod'), object(spec))).toEqual({
    cluster: 'c',
    namespace: 'shop',
    title: 'web',
    pods: ['web'],
    containers: ['web', 'wait'],
  });
});

it('reads a workload by its selector', () => {
  const spec = {
    selector: { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
    template: { spec: { containers: [{ name: 'web' }] } },
  };
  expect(logTargetOf(ref('apps/v1', 'Deployment'), object(spec))).toMatchObject({
    labelSelector: 'app=web,tier',
    containers: ['web'],
  });
});

it('reads a Service by its plain labels', () => {
  expect(logTargetOf(ref('v1', 'Service'), object({ selector: { app: 'web' } }))?.labelSelector).toBe('app=web');
});

it.each([
  ['v1', 'Service', {}],
  ['apps/v1', 'Deployment', { selector: {} }],
  ['v1', 'ConfigMap', {}],
])('has no log for %s %s without Pods', (apiVersion, kind, spec) => {
  expect(logTargetOf(ref(apiVersion, kind), object(spec))).toBeUndefined();
});

it('leaves a workload to be read by the view when it is opened by its name only', () => {
  const target = ref('apps/v1', 'Deployment');
  expect(logTargetOf(target, undefined)).toMatchObject({ title: 'web', unread: target });
  expect(logTargetOf(ref('v1', 'Pod'), undefined)).toMatchObject({ pods: ['web'] });
});
