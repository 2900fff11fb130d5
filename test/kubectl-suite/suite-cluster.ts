import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#common/base/clock';
import { seededRandom } from '#common/base/random';
import { Scope } from '#common/base/scope';
import { Nodes } from '#common/kube/resources';
import { systemClock } from '#main/base/system-clock';
import { createClient } from '#main/client/kube-client';
import { createInformers } from '#main/informer/informers';
import { createApiServer, type ApiServer } from '#main/sandbox/apiserver/server';
import { makeCertificates } from '#main/sandbox/authn/certificates';
import { builtInControllers } from '#main/sandbox/controllers/built-in-controllers';
import { collectableKinds } from '#main/sandbox/controllers/core/collectable-kinds';
import { startGarbageCollector } from '#main/sandbox/controllers/core/garbage-collector';
import { EventWriter } from '#main/sandbox/controllers/runtime/event-recorder';
import { startControllers } from '#main/sandbox/controllers/runtime/start-controllers';
import { loopback } from '#main/sandbox/loopback';

/** As hack/testdata/auth-tokens.csv has them. */
export const ADMIN_TOKEN = 'admin-token';
const ADMIN = { name: 'admin', groups: ['system:masters'] };

/** The plugins that hack/make-rules/test-cmd.sh switches off. */
const DISABLED_ADMISSION = [
  'ServiceAccount',
  'DefaultStorageClass',
  'DefaultTolerationSeconds',
  'MutatingAdmissionWebhook',
  'ValidatingAdmissionWebhook',
  'StorageObjectInUseProtection',
];

/** What kube-controller-manager does only for a cloud, or with flags that the suite does not give. */
const ABSENT = new Set(['node-ipam', 'service-lb']);

const SERVICE_RANGE = '10.0.0.0/24';
/** In a whole run the node is long there, unheard of, when its case comes. */
const NODE_AGE_MS = 10 * 60_000;

/** A cluster as the suite expects it: controllers, but neither a scheduler nor kubelets, and one Node that nobody plays. */
export class SuiteCluster implements AsyncDisposable {
  readonly port: number;
  /** PEM that the server shows. */
  readonly certificate: string;
  readonly #server: ApiServer;
  readonly #scope: Scope;

  private constructor(server: ApiServer, scope: Scope, port: number) {
    this.#server = server;
    this.#scope = scope;
    this.port = port;
    this.certificate = server.certificates.server.certificate;
  }

  /** `authority` holds the suite's ca.crt and ca.key; `folder` is made for what the server keeps. */
  static async open(authority: string, folder: string): Promise<SuiteCluster> {
    const random = seededRandom(1);
    await writeCertificates(authority, folder);
    const clock = new LateClock();
    const server = await createApiServer({
      clock,
      folder,
      serviceRange: SERVICE_RANGE,
      allowsAll: true,
      random,
      nodes: () => undefined,
      frozen: true,
      staticTokens: new Map([[ADMIN_TOKEN, ADMIN]]),
      disabledAdmission: DISABLED_ADMISSION,
    });
    const scope = new Scope('kubectl suite');
    const { port } = await server.listen(0);
    const cluster = new SuiteCluster(server, scope, port);
    clock.lagMs = NODE_AGE_MS;
    await cluster.#prepare();
    clock.lagMs = 0;
    await cluster.#startControllers();
    return cluster;
  }

  async #prepare(): Promise<void> {
    const client = this.#client('admin');
    await client.create(Nodes, {
      metadata: { name: '127.0.0.1', annotations: { 'save-managers': 'true' } },
      spec: {},
      status: { capacity: { memory: '1Gi' } },
    });
  }

  #client(name: string) {
    const carrier = loopback(this.#server, { name: `system:${name}`, groups: ['system:masters'] });
    this.#scope.add(() => carrier.close());
    return createClient(carrier, { clock: systemClock, fieldManager: name });
  }

  async #startControllers(): Promise<void> {
    const scope = this.#scope.child('controllers');
    const clock = systemClock;
    const client = this.#client('kube-controller-manager');
    const informers = createInformers(client, { clock, random: seededRandom(2), scope, graceMs: 0 });
    const events = new EventWriter({ client: this.#client('events'), clock, scope, report: ignore });
    const deps = { client, informers, events, clock, scope, report: ignore };
    const controllers = builtInControllers(this.#server.certificates).filter(({ name }) => !ABSENT.has(name));
    await startControllers(controllers, deps);
    await startGarbageCollector({
      ...deps,
      discover: (signal) => collectableKinds(client, signal),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
    await this.#server.close();
  }
}

/** The computer's time, some time ago. */
class LateClock implements Clock {
  lagMs = 0;

  now(): number {
    return systemClock.now() - this.lagMs;
  }

  after(delayMs: number, task: () => void): Disposable {
    return systemClock.after(delayMs, task);
  }
}

/** The suite's authority in place of one that the server would make. */
async function writeCertificates(authority: string, folder: string): Promise<void> {
  const [certificate, key] = await Promise.all(
    ['ca.crt', 'ca.key'].map((name) => readFile(join(authority, name), 'utf8')),
  );
  await mkdir(folder, { recursive: true });
  const certificates = { ...makeCertificates(systemClock.now()), authority: { certificate, key } };
  await writeFile(join(folder, 'certificates.json'), JSON.stringify(certificates));
}

function ignore(): void {}
