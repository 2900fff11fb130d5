import { describe, expect, it } from 'vitest';
import { kindPlural } from './kind-names';

describe('kindPlural', () => {
  it.each([
    ['Pod', 'Pods'],
    ['Ingress', 'Ingresses'],
    ['NetworkPolicy', 'NetworkPolicies'],
    ['Gateway', 'Gateways'],
    ['StorageClass', 'StorageClasses'],
    ['Endpoints', 'Endpoints'],
  ])('writes %s as %s', (kind, plural) => expect(kindPlural(kind)).toBe(plural));
});
