import { createServer, type Server } from 'node:https';
import { describe, expect, it } from 'vitest';
import { ConfigMaps, MutatingWebhookConfigurations, ValidatingWebhookConfigurations } from '#common/kube/resources';
import { clusterCertificates } from '#main/sandbox/authn/certificates';
import { TestSandbox } from '#test/harness/test-sandbox';

interface Review {
  request: { uid: string; operation: string; object: { metadata: { name: string } }; userInfo: { username: string } };
}

/** A webhook on this computer that answers by `answer`. */
class TestWebhook implements AsyncDisposable {
  readonly #server: Server;
  readonly reviews: Review['request'][] = [];
  readonly clientConfig: { url: string; caBundle: string };

  private constructor(server: Server, authority: string) {
    this.#server = server;
    const { port } = server.address() as { port: number };
    this.clientConfig = {
      url: `https://127.0.0.1:${port}/review`,
      caBundle: Buffer.from(authority).toString('base64'),
    };
  }

  static async open(answer: (review: Review['request']) => object): Promise<TestWebhook> {
    const { authority, server: keyed } = await clusterCertificates(undefined, Date.now());
    const server = createServer({ cert: keyed.certificate, key: keyed.key });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const webhook = new TestWebhook(server, authority.certificate);
    server.on('request', (request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        const { request: asked } = JSON.parse(text) as Review;
        webhook.reviews.push(asked);
        const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
        response.end(JSON.stringify({ ...review, response: { uid: asked.uid, ...answer(asked) } }));
      });
    });
    return webhook;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }];
const common = { name: 'w.example.com', rules, sideEffects: 'None', admissionReviewVersions: ['v1'] };
const configMap = { metadata: { name: 'one', namespace: 'default' }, data: { a: 'b' } };

describe('webhooks', () => {
  it('change an object on its way, and warn', async () => {
    const patch = Buffer.from('[{"op":"add","path":"/data/added","value":"c"}]').toString('base64');
    await using webhook = await TestWebhook.open(() => ({
      allowed: true,
      patchType: 'JSONPatch',
      patch,
      warnings: ['be careful'],
    }));
    await using sandbox = await TestSandbox.open();
    await sandbox.create(MutatingWebhookConfigurations, {
      metadata: { name: 'w' },
      webhooks: [{ ...common, clientConfig: webhook.clientConfig }],
    });
    expect((await sandbox.create(ConfigMaps, configMap)).data).toEqual({ a: 'b', added: 'c' });
    expect(webhook.reviews).toMatchObject([{ operation: 'CREATE', object: { metadata: { name: 'one' } } }]);
  });

  it('refuse with their own words, unless their conditions leave the object out', async () => {
    await using webhook = await TestWebhook.open(() => ({
      allowed: false,
      status: { code: 403, message: 'not today' },
    }));
    await using sandbox = await TestSandbox.open();
    await sandbox.create(ValidatingWebhookConfigurations, {
      metadata: { name: 'w' },
      webhooks: [
        {
          ...common,
          clientConfig: webhook.clientConfig,
          matchConditions: [{ name: 'not-two', expression: 'object.metadata.name != "two"' }],
        },
      ],
    });
    await expect(sandbox.create(ConfigMaps, configMap)).rejects.toThrow(
      'admission webhook "w.example.com" denied the request: not today',
    );
    const two = { ...configMap, metadata: { ...configMap.metadata, name: 'two' } };
    expect((await sandbox.create(ConfigMaps, two)).metadata.name).toBe('two');
  });
});
