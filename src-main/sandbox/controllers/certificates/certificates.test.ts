import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CertificateSigningRequests, ClusterRoleBindings } from '#common/kube/resources';
import type { CertificateSigningRequest } from '#common/kube/types';
import { makeCertificates } from '#main/sandbox/authn/certificates';
import { JANE, NODE_CLIENT, NODE_SERVER } from '#test/fixtures/signing-requests';
import { TestSandbox } from '#test/harness/test-sandbox';
import { approvingController, recognizersOf } from './approving';
import { certificateCleaner, endOf } from './cleaner';
import { planSigning, signingController, validityOf } from './signing';

const CLIENT = 'kubernetes.io/kube-apiserver-client';
const KUBELET = 'kubernetes.io/kube-apiserver-client-kubelet';
const SERVING = 'kubernetes.io/kubelet-serving';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const condition = (type: string, more: object = {}) => ({ type, status: 'True', ...more });
const approved = { conditions: [condition('Approved')] };
const asked = (pem: string, signerName: string, usages: string[], more: object = {}) =>
  ({
    metadata: { name: 'one', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { request: base64(pem), signerName, usages },
    ...more,
  }) as unknown as CertificateSigningRequest;
const CLIENT_USAGES = ['digital signature', 'client auth'];
const SERVER_USAGES = ['digital signature', 'key encipherment', 'server auth'];

describe('planSigning', () => {
  it.each([
    ['what waits', asked(JANE, CLIENT, CLIENT_USAGES), undefined],
    ['a client', asked(JANE, CLIENT, CLIENT_USAGES, { status: approved }), { step: 'sign' }],
    ['a kubelet', asked(NODE_CLIENT, KUBELET, CLIENT_USAGES, { status: approved }), { step: 'sign' }],
    ['a kubelet as a server', asked(NODE_SERVER, SERVING, SERVER_USAGES, { status: approved }), { step: 'sign' }],
    ['what others sign', asked(JANE, 'example.com/a', CLIENT_USAGES, { status: approved }), undefined],
    [
      'what was denied too',
      asked(JANE, CLIENT, CLIENT_USAGES, { status: { conditions: [condition('Approved'), condition('Denied')] } }),
      undefined,
    ],
    [
      'a client that wants to serve',
      asked(JANE, CLIENT, SERVER_USAGES, { status: approved }),
      { step: 'fail', message: 'invalid usage for client certificate: server auth' },
    ],
    [
      'no kubelet',
      asked(JANE, KUBELET, CLIENT_USAGES, { status: approved }),
      { step: 'fail', message: 'subject organization is not system:nodes' },
    ],
    [
      'a kubelet with too many usages',
      asked(NODE_SERVER, SERVING, [...SERVER_USAGES, 'client auth'], { status: approved }),
      { step: 'fail', message: 'usages did not match [digital signature key encipherment server auth]' },
    ],
  ])('%s', (_case, request, plan) => {
    expect(planSigning(request)).toEqual(plan);
  });
});

describe('validityOf', () => {
  const minute = 60_000;
  it.each([
    ['a year unless asked', undefined, 365 * 24 * 60 - 5],
    ['what is asked', 86_400, 24 * 60 - 5],
    ['short ones whole', 3600, 60],
    ['no less than ten minutes', 60, 10],
  ])('%s', (_case, seconds, minutes) => {
    expect(validityOf(seconds, 0)).toEqual({ notBeforeMs: -5 * minute, notAfterMs: minutes * minute });
  });
});

describe('endOf', () => {
  const at = (hours: number) => Date.UTC(2026, 0, 1, hours);
  const since = { lastUpdateTime: '2026-01-01T02:00:00Z' };
  it.each([
    ['waits a day', {}, at(24)],
    ['denied for an hour', { conditions: [condition('Denied', since)] }, at(3)],
    ['approved and not signed for a day', { conditions: [condition('Approved', since)] }, at(26)],
    ['of another opinion, for ever', { conditions: [condition('Other', since)] }, Number.POSITIVE_INFINITY],
  ])('%s', (_case, status, end) => {
    expect(endOf(asked(JANE, CLIENT, CLIENT_USAGES, { status }))).toBe(end);
  });
});

describe('recognizersOf', () => {
  it('tells a kubelet that renews from one that is new', () => {
    const renewed = asked(NODE_CLIENT, KUBELET, CLIENT_USAGES);
    expect(recognizersOf(renewed).map((one) => one.subresource)).toEqual(['nodeclient']);
    renewed.spec.username = 'system:node:one';
    expect(recognizersOf(renewed).map((one) => one.subresource)).toEqual(['selfnodeclient', 'nodeclient']);
    expect(recognizersOf(asked(JANE, CLIENT, CLIENT_USAGES))).toEqual([]);
  });
});

describe('certificate controllers', () => {
  it('approve and sign what a node may ask for, and clean up behind it', async () => {
    const { authority } = makeCertificates(Date.now());
    const wallClock = { now: () => Date.now() } as never;
    const controllers = [signingController(authority, wallClock), approvingController, certificateCleaner];
    await using sandbox = await TestSandbox.open({ controllers });
    await sandbox.create(ClusterRoleBindings, {
      metadata: { name: 'nodes' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
      },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'system:admin' }],
    });
    await sandbox.create(CertificateSigningRequests, asked(NODE_CLIENT, KUBELET, CLIENT_USAGES));
    await sandbox.settle();
    const { status } = await sandbox.get(CertificateSigningRequests, 'one');
    expect(status?.conditions?.map(({ reason, message }) => [reason, message])).toEqual([
      ['AutoApproved', 'Auto approving kubelet client certificate after SubjectAccessReview.'],
    ]);
    const certificate = new X509Certificate(Buffer.from(status?.certificate ?? '', 'base64'));
    expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
    expect(certificate.subject).toBe('O=system:nodes\nCN=system:node:one');
    await sandbox.advance(2 * 3_600_000);
    expect(await sandbox.list(CertificateSigningRequests)).toEqual([]);
  });
});
