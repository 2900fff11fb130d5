import { afterEach, describe, expect, it } from 'vitest';
import { makeCertificates } from '#main/sandbox/authn/certificates';
import { callWebhook } from '#main/sandbox/webhooks/webhook-client';
import { testContainer } from '#test/harness/test-container';
import type { Container } from '../container';
import { PodVolume } from '../container-files';

const PORT = 9443;
let running: { container: Container; ended: Promise<unknown> } | undefined;

async function webhook(files?: Map<string, string>): Promise<Container> {
  const mounts = files ? [{ path: '/certs', volume: new PodVolume(files) }] : [];
  const container = testContainer('example.org/team/operator:v1', { declaredPorts: [PORT], mounts });
  running = { container, ended: container.run() };
  while (!container.ports.includes(PORT)) await new Promise((resolve) => setImmediate(resolve));
  return container;
}

function ask(container: Container, body: object, more: object = {}): Promise<unknown> {
  const config = { service: { namespace: 'tools', name: 'hook' }, ...more };
  const dialer = { dial: async () => container.dial(PORT)! };
  return callWebhook({ config, body, timeoutSeconds: 5, dialer });
}

describe('a webhook of an image that nobody knows', () => {
  afterEach(async () => {
    running?.container.kill();
    await running?.ended;
  });

  it('allows what it is asked for', async () => {
    const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
    expect(await ask(await webhook(), { ...review, request: { uid: 'u-1', operation: 'CREATE' } })).toEqual({
      ...review,
      response: { uid: 'u-1', allowed: true },
    });
  });

  it('converts to the version that is asked for', async () => {
    const review = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview' };
    const objects = [{ apiVersion: 'tools/v1', kind: 'Tool', spec: { a: 1 } }];
    const answer = await ask(await webhook(), {
      ...review,
      request: { uid: 'u-2', desiredAPIVersion: 'tools/v2', objects },
    });
    expect(answer).toMatchObject({
      response: { uid: 'u-2', convertedObjects: [{ apiVersion: 'tools/v2', kind: 'Tool', spec: { a: 1 } }] },
    });
  });

  it('shows the certificate that is mounted', async () => {
    const { authority, server } = makeCertificates(Date.now());
    const files = new Map([
      ['tls.crt', server.certificate],
      ['tls.key', server.key],
    ]);
    const service = { namespace: 'default', name: 'kubernetes' };
    const caBundle = Buffer.from(authority.certificate).toString('base64');
    const body = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid: 'u-3' } };
    expect(await ask(await webhook(files), body, { service, caBundle })).toMatchObject({ response: { allowed: true } });
  });
});
