import { describe, expect, it } from 'vitest';
import { kindCounting } from './quota-count';

describe('kindCounting', () => {
  it.each([
    ['cpu', 'pods'],
    ['limits.memory', 'pods'],
    ['hugepages-2Mi', 'pods'],
    ['requests.nvidia.com/gpu', 'pods'],
    ['limits.nvidia.com/gpu', undefined],
    ['requests.storage', 'persistentvolumeclaims'],
    ['gold.storageclass.storage.k8s.io/requests.storage', 'persistentvolumeclaims'],
    ['gold.storageclass.storage.k8s.io/other', undefined],
    ['services.loadbalancers', 'services'],
    ['secrets', 'secrets'],
    ['count/deployments.apps', 'deployments.apps'],
    ['deployments.apps', undefined],
  ])('%s: %s', (name, kind) => expect(kindCounting(name)).toBe(kind));
});
