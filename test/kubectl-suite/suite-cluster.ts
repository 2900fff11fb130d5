import { seededRandom } from '#common/base/random';
import { Scope } from '#common/base/scope';
import { ClusterRoleBindings, Nodes } from '#common/kube/resources';
import { systemClock } from '#main/base/system-clock';
import { discover } from '#main/client/discovery/discover';
import { createClient } from '#main/client/kube-client';
import { createInformers } from '#main/informer/informers';
import { createApiServer, type ApiServer } from '#main/sandbox/apiserver/server';
import { builtInControllers } from '#main/sandbox/controllers/built-in-controllers';
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

  static async open(): Promise<SuiteCluster> {
    const random = seededRandom(1);
    const server = await createApiServer({
      clock: systemClock,
      random,
      nodes: () => undefined,
      staticTokens: new Map([[ADMIN_TOKEN, ADMIN]]),
      disabledAdmission: DISABLED_ADMISSION,
    });
    const scope = new Scope('kubectl suite');
    const { port } = await server.listen(0);
    const cluster = new SuiteCluster(server, scope, port);
    await cluster.#prepare();
    await cluster.#startControllers();
    return cluster;
  }

  /** The node, and that everybody may do everything: the suite's server asks nobody. */
  async #prepare(): Promise<void> {
    const client = this.#client('admin');
    await client.create(Nodes, {
      metadata: { name: '127.0.0.1', annotations: { 'save-managers': 'true' } },
      spec: {},
      status: { capacity: { memory: '1Gi' } },
    });
    await client.create(ClusterRoleBindings, {
      metadata: { name: 'everybody' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: ['system:authenticated', 'system:unauthenticated'].map((name) => ({
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'Group',
        name,
      })),
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
    await startControllers(builtInControllers(this.#server.certificates.authority.certificate), deps);
    const { resources } = await discover(client, scope.signal);
    const owners = resources.filter(
      ({ preferred, plural, verbs }) =>
        preferred && plural !== 'events' && ['list', 'watch', 'delete'].every((verb) => verbs.includes(verb)),
    );
    await startGarbageCollector({ client, informers, clock, scope, report: ignore, resources: owners });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
    await this.#server.close();
  }
}

function ignore(): void {}
