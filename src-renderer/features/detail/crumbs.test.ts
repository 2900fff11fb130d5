import { describe, expect, it } from 'vitest';
import type { AnyObject } from '#common/kube/object';
import { objectRef, refOfKind } from '#renderer/resources/shared/object-refs';
import { crumbsOf } from './crumbs';

const pod = objectRef('c', refOfKind('v1', 'Pod', true), { namespace: 'shop', name: 'checkout-5f4b-hx2lm' });

function words(object: object): string[] {
  return crumbsOf(pod, object as AnyObject).map((crumb) =>
    'text' in crumb ? crumb.text : `${crumb.kind}>${crumb.target.name}`,
  );
}

describe('crumbsOf', () => {
  it('names the Deployment behind a ReplicaSet, and the node', () => {
    const metadata = {
      labels: { 'pod-template-hash': '5f4b' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'checkout-5f4b', controller: true }],
    };
    expect(words({ metadata, spec: { nodeName: 'node-2' } })).toEqual(['shop', 'Deployment>checkout', '>node-2']);
  });

  it('names the controller itself where it is no Deployment', () => {
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'cart', controller: true }];
    expect(words({ metadata: { ownerReferences } })).toEqual(['shop', 'StatefulSet>cart']);
  });

  it('has only the namespace while the object loads', () => {
    expect(crumbsOf(pod, undefined)).toEqual([{ text: 'shop' }]);
  });
});
