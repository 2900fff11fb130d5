/**
 * The API server of a sandbox cluster: a function from request to response over one store.
 *
 *   const server = await createApiServer({ clock, random, nodes: (name) => kubelets.get(name) });
 *   const client = createClient(loopback(server, { name: 'system:kube-scheduler', groups: ['system:masters'] }));
 *   const { url } = await server.listen(6443);
 *
 * It starts with what a real API server makes by itself: the system namespaces, the bootstrap roles, the priority classes
 * of the system and the Service `kubernetes`. Everything else comes through its door, from controllers too.
 */
import { createPrivateKey, randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { messageOf } from '#common/base/errors';
import type { Clock } from '#common/base/clock';
import type { Random } from '#common/base/random';
import { Scope } from '#common/base/scope';
import type { AnyObject, KubeObject } from '#common/kube/object';
import { resourceId, type TypedResource } from '#common/kube/resource';
import {
  APIServices,
  ClusterRoleBindings,
  ClusterRoles,
  Events,
  EventsV1Events,
  Leases,
  RoleBindings,
  Roles,
  Services,
} from '#common/kube/resources';
import type { NodeDirectory } from '#main/base/node-api';
import type { KeyedCertificate } from '#main/base/x509/certificate';
import { systemClock } from '#main/base/system-clock';
import { otherForms } from './other-forms';
import { AdmissionChain } from '#main/sandbox/admission/admission-chain';
import type { MayUser } from '#main/sandbox/admission/certificates';
import type { AdmissionCluster } from '#main/sandbox/admission/plugin';
import { admissionPlugins, lastAdmissionPlugins } from '#main/sandbox/admission/plugins';
import { mutatingAdmissionPolicy } from '#main/sandbox/admission/policy/mutating-policy';
import { validatingAdmissionPolicy } from '#main/sandbox/admission/policy/validating-policy';
import { mutatingWebhooks, validatingWebhooks } from '#main/sandbox/admission/webhooks/admission-webhooks';
import { Authenticator } from '#main/sandbox/authn/authenticator';
import { clientCertificate, clusterCertificates, type ClusterCertificates } from '#main/sandbox/authn/certificates';
import { BootstrapTokens } from '#main/sandbox/authn/bootstrap-tokens';
import { OidcTokens, type OidcOptions } from '#main/sandbox/authn/oidc';
import { ServiceAccountTokens } from '#main/sandbox/authn/service-account-tokens';
import type { User } from '#main/sandbox/authn/user';
import { Authorizer } from '#main/sandbox/authz/authorizer';
import { DEFAULT_SERVICE_RANGE, ServiceRange } from '#main/sandbox/registry/core/service-range';
import type { RegistryContext, Requester } from '#main/sandbox/registry/registry-context';
import { keysOf } from '#main/sandbox/store/collection';
import { DurableLog } from '#main/sandbox/store/durable-log';
import { ABSENT, Store } from '#main/sandbox/store/store';
import type { ServiceDialer } from '#main/sandbox/webhooks/webhook-client';
import type { ApiRequest, ApiResponse } from './api-request';
import { Aggregator } from './aggregation/aggregator';
import { CustomApiServices } from './aggregation/custom-api-services';
import { FRONT_PROXY } from './bootstrap/front-proxy';
import { bootstrap, nodeRules } from './bootstrap/bootstrap';
import { Catalogue } from './catalogue';
import { handleExchange } from './chain';
import type { ServerParts } from './exchange';
import { grantedRights } from './granted-rights';
import { listen, type Listening } from './listener';
import type { MetricsSource } from './metrics';
import { requestCounters } from './request-counters';
import { requestInfo } from './request-info';
import type { SchedulingAttempts } from './scheduling-attempts';
import { serviceDialer } from './service-dialer';
import { RequestSeats } from './request-seats';

export interface ApiServerOptions {
  /** The cluster's time: what it writes into objects. */
  clock: Clock;
  random: Random;
  /** Finds the kubelets for logs, exec, attach and port-forward. */
  nodes: NodeDirectory;
  /** Reaches webhooks behind Services of the cluster; without it, only those with a URL answer. */
  services?: ServiceDialer | undefined;
  /** What `metrics.k8s.io` shows; without it the group is not served. */
  metrics?: MetricsSource | undefined;
  /** What `/debug/scheduler/attempts` tells; nothing is known without it. */
  schedulingAttempts?: SchedulingAttempts | undefined;
  /** Tokens that are always good, and who they speak for. */
  staticTokens?: ReadonlyMap<string, User> | undefined;
  /** The block of Services' addresses, 10.96.0.0/16 unless given: `10.0.0.0/24`. */
  serviceRange?: string | undefined;
  /** An issuer of ID tokens that are believed, as kube-apiserver's `--oidc-*` flags describe one. */
  oidc?: OidcOptions | undefined;
  /** Everybody may do what no role forbids, which is everything: `--authorization-mode=Node,RBAC,AlwaysAllow`. */
  allowsAll?: boolean | undefined;
  /** Names of admission plugins that the cluster goes without. */
  disabledAdmission?: readonly string[] | undefined;
  /** Keeps state and certificates; absent for a cluster that ends with its process. */
  folder?: string | undefined;
  /** Time for deadlines that clients see, such as those of watches; the computer's own unless given. */
  wallClock?: Clock | undefined;
  /** Freezes stored objects: for tests, see the store. */
  frozen?: boolean | undefined;
  /** Told what a person should know, such as a damaged end of the log that was cut off. */
  onMessage?: ((message: string) => void) | undefined;
}

export interface ApiServer extends AsyncDisposable {
  /** Answers one request, however it came. */
  handle(request: ApiRequest): Promise<ApiResponse>;
  /** Serves TLS on 127.0.0.1, HTTP/2 and HTTP/1.1 on one port; 0 takes a free one. */
  listen(port: number): Promise<Listening>;
  readonly certificates: ClusterCertificates;
  /** Ends watches and connections, and waits until everything acknowledged is on disk. */
  close(): Promise<void>;
}

/** Throws Problem `sandbox-damaged` when the folder cannot be read. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { folder, onMessage } = options;
  const [certificates, log] = await Promise.all([
    clusterCertificates(folder, systemClock.now()),
    folder ? DurableLog.open(join(folder, 'store'), onMessage ? { onMessage } : {}) : undefined,
  ]);
  const scope = new Scope('api server');
  // Every watch listens for the end.
  setMaxListeners(0, scope.signal);
  const parts = assemble(options, { certificates, log, scope });
  const server = new SandboxApiServer(parts, certificates, scope);
  await bootstrap(parts, certificates.authority.certificate);
  return server;
}

/** Writes that may be lost in a crash: they are outdated within seconds. */
const HASTY = new Set([Events, EventsV1Events, Leases].map(resourceId));

interface Foundation {
  certificates: ClusterCertificates;
  log: DurableLog | undefined;
  scope: Scope;
}

function assemble(options: ApiServerOptions, { certificates, log, scope }: Foundation): ServerParts {
  const { clock, random, nodes, metrics, schedulingAttempts } = options;
  const wallClock = options.wallClock ?? systemClock;
  const serviceRange = options.serviceRange ? new ServiceRange(options.serviceRange) : DEFAULT_SERVICE_RANGE;
  const store = new Store({ clock: wallClock, log, hasty: HASTY, frozen: options.frozen });
  const objects = storedObjects(store);
  const authorizer = new Authorizer({ ...objects, edition: rolesEdition(store) }, nodeRules(), {
    allowsAll: options.allowsAll ?? false,
  });
  const authorize: AdmissionCluster['authorize'] = (check) => authorizer.authorize(check);
  const may: MayUser = (user, about) =>
    authorizer.authorize({ user, subresource: '', namespace: '', ...about }).allowed;
  const replace: AdmissionCluster['replace'] = (resource, key, object) => {
    const collection = store.collection(resourceId(resource));
    store.put(collection, key, object as unknown as AnyObject, collection.get(key)?.revision ?? ABSENT);
  };
  const service = (namespace: string, name: string) => objects.get(Services, `${namespace}/${name}`);
  const services = serviceDialer({ service, network: options.services });
  const webhooks = [mutatingWebhooks(services), validatingWebhooks(services)] as const;
  const configured = [mutatingAdmissionPolicy, webhooks[0], validatingAdmissionPolicy, webhooks[1]];
  const plugins = [...admissionPlugins(may), ...configured, grantedRights(authorizer), ...lastAdmissionPlugins];
  const enabled = plugins.filter(({ name }) => !options.disabledAdmission?.includes(name));
  const admission = new AdmissionChain(enabled, { clock, random, ...objects, replace, authorize, forms: otherForms });
  const registryContext: RegistryContext = { store, clock, random, admission };
  const customApiServices = new CustomApiServices({
    registry: () => catalogue.registry(APIServices),
    versions: () => catalogue.definitions.filter((one) => catalogue.isCustom(one)),
    stopping: scope.signal,
    report: (problem) => options.onMessage?.(`api services: ${messageOf(problem)}`),
  });
  const aggregator = new Aggregator({
    clock: wallClock,
    stopping: scope.signal,
    dialer: options.services,
    identity: frontProxyIdentity(certificates),
    collection: (resource) => store.collection(resourceId(resource)),
    servesItself: ({ group, version }) => catalogue.isBuiltIn(group, version),
    availabilityChanged: (name) => catalogue.registry(APIServices).react(name),
    changed: () => customApiServices.changed(),
  });
  const catalogue: Catalogue = new Catalogue(registryContext, {
    metrics: metrics !== undefined,
    serviceRange,
    apiServices: aggregator,
    services,
    definitionsChanged: () => customApiServices.changed(),
  });
  const tokenObjects = { ...objects, replace };
  const key = createPrivateKey(certificates.tokenKey);
  const tokens = new ServiceAccountTokens({ clock, random, key, objects: tokenObjects });
  const oidc = options.oidc ? [new OidcTokens(options.oidc, systemClock)] : [];
  const tokenKinds = [tokens, new BootstrapTokens(objects, clock), ...oidc];
  return {
    store,
    clock,
    wallClock,
    random,
    admission,
    nodes,
    metrics,
    schedulingAttempts,
    tokens,
    serviceRange,
    catalogue,
    aggregator,
    authenticator: new Authenticator(tokenKinds, options.staticTokens),
    authorizer,
    impersonationModes: new Map(),
    counters: requestCounters(),
    seats: new RequestSeats(wallClock),
    stopping: scope.signal,
  };
}

/** What the store holds now, for those who look at many kinds. */
function storedObjects(store: Store) {
  return {
    get: <T extends KubeObject>(resource: TypedResource<T>, key: string) =>
      store.collection(resourceId(resource)).get(key)?.object as T | undefined,
    *list<T extends KubeObject>(resource: TypedResource<T>, namespace?: string) {
      for (const { object } of store.collection(resourceId(resource)).list(keysOf(namespace)))
        yield object as unknown as T;
    },
  };
}

/** Another number after every change of roles and bindings. */
function rolesEdition(store: Store): () => number {
  const collections = [ClusterRoles, ClusterRoleBindings, Roles, RoleBindings].map((one) =>
    store.collection(resourceId(one)),
  );
  return () => collections.reduce((sum, { edition }) => sum + edition, 0);
}

/** Made when the first server behind an APIService is asked. */
function frontProxyIdentity(certificates: ClusterCertificates): () => KeyedCertificate {
  let made: KeyedCertificate | undefined;
  return () => (made ??= clientCertificate(certificates, { commonName: FRONT_PROXY }, systemClock.now()));
}

class SandboxApiServer implements ApiServer {
  readonly certificates: ClusterCertificates;
  readonly #parts: ServerParts;
  readonly #scope: Scope;

  constructor(parts: ServerParts, certificates: ClusterCertificates, scope: Scope) {
    this.#parts = parts;
    this.certificates = certificates;
    this.#scope = scope;
  }

  handle(request: ApiRequest): Promise<ApiResponse> {
    const info = requestInfo(request.method, request.path, request.query);
    return handleExchange({
      request,
      info,
      server: this.#parts,
      auditId: randomUUID(),
      user: NOBODY,
      warnings: [],
    });
  }

  async listen(port: number): Promise<Listening> {
    const { authority, server } = this.certificates;
    const tls = { authority: authority.certificate, certificate: server.certificate, key: server.key };
    const listening = await listen({ port, tls, handle: (request) => this.handle(request) });
    this.#scope.add(listening);
    return listening;
  }

  async close(): Promise<void> {
    await this.#scope.close();
    await this.#parts.store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Until authentication has spoken. */
const NOBODY: Requester = { name: '', groups: [] };
