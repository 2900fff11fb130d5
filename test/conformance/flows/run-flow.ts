import type { AnyObject } from '#common/kube/object';
import { apiVersionOf, type Resource, type TypedResource } from '#common/kube/resource';
import { builtInResources, Namespaces, Pods, ServiceAccounts } from '#common/kube/resources';
import { isAlreadyExists, isNotFound } from '#common/kube/status-error';
import { endState, type EndState } from './end-state';
import { hasFields, type Fields, type Flow, type FlowStep, type Manifest, type Ref } from './flow';
import type { FlowCluster } from './flow-cluster';
import { measure } from './metrics';
import { notedKinds } from './flow-watch';

/** What a flow noted, by the names of its notes. */
export type Notes = Record<string, EndState>;

/** `{uid:configmaps/NAMESPACE/NAME}` */
const UID_PLACE = /\{uid:([^/}]+)\/([^/}]+)\/([^}]+)\}/g;

/** Takes a cluster through a flow, in a namespace of its own that is removed afterwards. */
export async function runFlow(flow: Flow, cluster: FlowCluster): Promise<Notes> {
  const run = new FlowRun(flow, cluster);
  try {
    return await run.all();
  } finally {
    await run.tidy();
  }
}

class FlowRun {
  readonly #flow: Flow;
  readonly #cluster: FlowCluster;
  readonly #namespace: string;
  readonly #notes: Notes = {};
  /** Names by plural. */
  readonly #kept = new Map<string, string>();

  constructor(flow: Flow, cluster: FlowCluster) {
    this.#flow = flow;
    this.#cluster = cluster;
    this.#namespace = namespaceOf(flow);
  }

  async all(): Promise<Notes> {
    const { client, watch } = this.#cluster;
    const isThere = () => watch.get('namespaces', this.#namespace, '') !== undefined;
    await this.#cluster.until(() => !isThere(), 'an earlier run has left nothing');
    await client.create(Namespaces, { metadata: { name: this.#namespace }, spec: {} });
    await this.#accountThere();
    for (const step of this.#flow.steps) await this.#take(step);
    return this.#notes;
  }

  /** Namespaced objects go with the namespace, others one by one: nodes when their Pods are gone. */
  async tidy(): Promise<void> {
    const { client } = this.#cluster;
    await client.remove(Namespaces, { name: this.#namespace }).catch(ignoreGone);
    const others = this.#flow.steps
      .flatMap((step) => ('create' in step ? [step.create] : []))
      .map(({ apiVersion, kind, metadata }) => ({ resource: resourceOf(apiVersion, kind), name: metadata.name }))
      .filter(({ resource }) => !resource.namespaced);
    if (others.length === 0) return;
    await this.#cluster.until(() => this.#allPods().length === 0, 'Pods of the flow are gone');
    for (const { resource, name } of others.toReversed())
      await client.remove(resource, { name: this.#filled(name) }).catch(ignoreGone);
  }

  /** Pods are refused before the namespace has its account. */
  async #accountThere(): Promise<void> {
    const { client } = this.#cluster;
    const metadata = { name: 'default', namespace: this.#namespace };
    await client.create(ServiceAccounts, { metadata }).catch((failure) => {
      if (!isAlreadyExists(failure)) throw failure;
    });
  }

  async #take(step: FlowStep): Promise<void> {
    const cluster = this.#cluster;
    const namespace = this.#namespace;
    if ('create' in step) await this.#create(step.create);
    else if ('patch' in step) await this.#patch(step);
    else if ('remove' in step) await this.#remove(step.remove, step.policy);
    else if ('removeAll' in step)
      for (const { metadata } of cluster.watch.in(step.removeAll, namespace))
        await this.#remove(`${step.removeAll}/${metadata.name}`, step.policy);
    else if ('until' in step) await this.#until(step.until, step.has);
    else if ('gone' in step) await cluster.until(() => !this.#find(step.gone), `${step.gone} is gone`);
    else if ('pods' in step) {
      const what = `${step.count} Pods ${step.pods} are ${JSON.stringify(step.are ?? {})}`;
      await cluster.until(() => this.#pods(step.pods, step.are).length === step.count, what);
    } else if ('ready' in step) await this.#makeReady(step.ready, step.count);
    else if ('pod' in step) await this.#patchPod(step);
    else if ('removePod' in step) await this.#removePod(step.removePod, step.are);
    else if ('measured' in step) {
      const pods = this.#pods(step.measured).slice(0, step.first);
      await measure(cluster.client, namespace, { pods, usage: step.usage });
    } else if ('keepOnly' in step) await this.#keepOnly(step.keepOnly);
    else if ('quiet' in step) await cluster.quiet(namespace);
    else if ('pass' in step) await cluster.pass(step.pass);
    else this.#notes[step.note] = await this.#state(step.also);
  }

  async #create(manifest: Manifest): Promise<void> {
    const resource = resourceOf(manifest.apiVersion, manifest.kind);
    await this.#ownersThere(manifest);
    const object = JSON.parse(this.#filled(JSON.stringify(manifest))) as AnyObject;
    const metadata = resource.namespaced ? { namespace: this.#namespace, ...object.metadata } : object.metadata;
    const made = await this.#cluster.client.create(resource as TypedResource<AnyObject>, { ...object, metadata });
    // PersistentVolumes and Nodes have a status that nobody else gives them.
    if (object['status'] && !resource.namespaced)
      await this.#cluster.client.updateStatus(resource as TypedResource<AnyObject>, {
        ...made,
        status: object['status'],
      });
  }

  /** Owners may have been created a moment ago. */
  async #ownersThere(manifest: Manifest): Promise<void> {
    const { watch } = this.#cluster;
    const places = [...JSON.stringify(manifest).replaceAll('{ns}', this.#namespace).matchAll(UID_PLACE)];
    for (const [place, plural = '', namespace = '', name = ''] of places)
      await this.#cluster.until(() => watch.get(plural, name, namespace) !== undefined, `${place} is there`);
  }

  async #patch({ patch, with: change, subresource }: Extract<FlowStep, { patch: Ref }>): Promise<void> {
    const { resource, ref } = this.#resolve(patch);
    const body = JSON.parse(this.#filled(JSON.stringify(change))) as object;
    const options = subresource ? { subresource } : {};
    await this.#cluster.client.patch(resource, ref, { type: 'merge', patch: body }, options);
  }

  async #remove(target: Ref, propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'): Promise<void> {
    const { resource, ref } = this.#resolve(target);
    await this.#cluster.client.remove(resource, ref, propagationPolicy ? { propagationPolicy } : {});
  }

  async #until(target: Ref, fields: Fields): Promise<void> {
    const filled = JSON.parse(this.#filled(JSON.stringify(fields, (_, value) => value ?? null))) as Fields;
    const wanted = Object.fromEntries(
      Object.entries(filled).map(([path, value]) => [path, value === null ? undefined : value]),
    );
    const what = `${target} has ${JSON.stringify(fields)}`;
    await this.#cluster.until(() => hasFields(this.#find(target), wanted), what);
  }

  async #makeReady(selector: string, count: number): Promise<void> {
    const isUnready = { 'status.phase': 'Running', 'status.conditions[Ready].status': 'False' };
    for (let turn = 0; turn < count; turn++) {
      const what = `a Pod ${selector} runs and is not ready`;
      await this.#cluster.until(() => this.#pods(selector, isUnready).length > 0, what);
      await this.#setReady(this.#pods(selector, isUnready)[0]!, 'True');
      await this.#cluster.quiet(this.#namespace);
    }
  }

  async #setReady({ metadata: { name, namespace } }: AnyObject, status: string): Promise<void> {
    // Tenths of seconds must not decide.
    const lastTransitionTime = new Date(this.#cluster.watch.nowMs()).toISOString().replace(/\.\d+/, '');
    const conditions = ['Ready', 'ContainersReady'].map((type) => ({ type, status, lastTransitionTime }));
    const patch = { type: 'strategic', patch: { status: { conditions } } } as const;
    await this.#cluster.client.patch(Pods, { name, namespace }, patch, { subresource: 'status' });
  }

  async #patchPod({ pod, are, status }: Extract<FlowStep, { pod: string }>): Promise<void> {
    await this.#cluster.until(() => this.#pods(pod, are).length > 0, `there is a Pod ${pod}`);
    const { name, namespace } = this.#pods(pod, are)[0]!.metadata;
    const patch = { type: 'strategic', patch: { status } } as const;
    const { metadata } = await this.#cluster.client.patch(Pods, { name, namespace }, patch, { subresource: 'status' });
    // The next step must not take the same Pod for another one.
    const isSeen = () =>
      Number(this.#find(`pods/${name}`)?.metadata.resourceVersion ?? Infinity) >= Number(metadata.resourceVersion);
    await this.#cluster.until(isSeen, `the change of ${name} is seen`);
  }

  async #removePod(selector: string, are: Fields | undefined): Promise<void> {
    await this.#cluster.until(() => this.#pods(selector, are).length > 0, `there is a Pod ${selector}`);
    const { name, namespace } = this.#pods(selector, are)[0]!.metadata;
    await this.#cluster.client.remove(Pods, { name, namespace });
  }

  async #keepOnly(plural: string): Promise<void> {
    const there = () => this.#cluster.watch.in(plural, this.#namespace);
    await this.#cluster.until(() => there().length === 1, `there is one of ${plural}`);
    this.#kept.set(plural, there()[0]!.metadata.name);
  }

  /** Pods by `key=value`, or by their whole name; by name. */
  #pods(selector: string, fields?: Fields): AnyObject[] {
    const [key = '', value] = selector.split('=');
    return this.#allPods()
      .filter(({ metadata }) => (value === undefined ? metadata.name === key : metadata.labels?.[key] === value))
      .filter((pod) => hasFields(pod, fields))
      .sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
  }

  #allPods(): AnyObject[] {
    return this.#cluster.watch.in('pods', this.#namespace);
  }

  #find(target: Ref): AnyObject | undefined {
    const [plural = '', name = ''] = this.#filled(target).split('/');
    return this.#cluster.watch.get(plural, name, this.#namespace);
  }

  #resolve(target: Ref): { resource: TypedResource<AnyObject>; ref: { name: string; namespace?: string } } {
    const [plural = '', name = ''] = this.#filled(target).split('/');
    const resource = builtInResources.find((one) => one.plural === plural);
    if (!resource) throw new Error(`unknown kind in ${target}`);
    return { resource, ref: { name, ...(resource.namespaced ? { namespace: this.#namespace } : {}) } };
  }

  async #state(also: readonly string[] = []): Promise<EndState> {
    const { client } = this.#cluster;
    const others = builtInResources.filter(({ plural }) => also.includes(plural));
    const lists = await Promise.all(
      [...notedKinds, ...others].map(async (resource) => {
        const { items } = await client.list(resource as TypedResource<AnyObject>, { namespace: this.#namespace });
        return items.map((item) => ({ ...item, apiVersion: apiVersionOf(resource), kind: resource.kind }));
      }),
    );
    return endState(
      lists.flat().filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt'),
      this.#namespace,
    );
  }

  #filled(words: string): string {
    let named = words.replaceAll('{ns}', this.#namespace);
    for (const [plural, name] of this.#kept) named = named.replaceAll(`{only:${plural}}`, name);
    return named.replaceAll(UID_PLACE, (place, plural: string, ...[namespace, name]: string[]) => {
      const uid = this.#cluster.watch.get(plural, name ?? '', namespace ?? '')?.metadata.uid;
      if (!uid) throw new Error(`there is no object of ${place}`);
      return uid;
    });
  }
}

export const namespaceOf = ({ name }: Flow): string => `f-${name.replaceAll(/[^a-z0-9]+/g, '-')}`;

function resourceOf(apiVersion: string, kind: string): Resource {
  const found = builtInResources.find((one) => one.kind === kind && apiVersionOf(one) === apiVersion);
  if (!found) throw new Error(`flows do not know ${apiVersion} ${kind}`);
  return found;
}

function ignoreGone(failure: unknown): void {
  if (!isNotFound(failure)) throw failure;
}
