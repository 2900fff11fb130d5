import { createHash } from 'node:crypto';
import { fetchOver } from '../../shell/commands/web-client';
import type { HandledAnswer, HttpHandler } from '../http-listener';
import { variable } from '../program-context';
import type { HandlerContext } from './handlers';
import { resolveHost } from '../../name-resolution';

interface Member {
  name: string;
  ip: string;
  /** When it started, in epoch milliseconds: the oldest eligible member is the master. */
  startedAtMs: number;
  isEligible: boolean;
}

type Index = Map<string, unknown>;

const json = (body: unknown, status = 200): HandledAnswer => ({
  status,
  type: 'application/json; charset=UTF-8',
  body: JSON.stringify(body),
});

/** JSON as `?pretty` asks for it: a space on both sides of a colon, and inside what is empty. */
export function prettyJson(text: string): string {
  const indented = JSON.stringify(JSON.parse(text), undefined, 2);
  const spaced = indented.replaceAll(/^( *"(?:[^"\\]|\\.)*"):/gm, '$1 :');
  return `${spaced.replaceAll(/\{\}(?=,?$)/gm, '{ }').replaceAll(/\[\](?=,?$)/gm, '[ ]')}\n`;
}
const plain = (body: string): HandledAnswer => ({ status: 200, type: 'text/plain; charset=UTF-8', body });

/** A member of an Elasticsearch cluster: finds the others over DNS, keeps documents in its data folder. */
export function elasticsearchHandler(context: HandlerContext): HttpHandler {
  const node = new ElasticsearchNode(context);
  return async (request) => {
    const answer = await node.answer(request);
    const isPretty = request.path === '/' || /[?&]pretty(?:[&=](?!false)|$)/.test(request.url);
    return isPretty && answer?.type?.startsWith('application/json')
      ? { ...answer, body: prettyJson(String(answer.body)) }
      : answer;
  };
}

class ElasticsearchNode {
  readonly #context: HandlerContext;
  readonly #startedAtMs: number;
  #indices: Map<string, Index> | undefined;

  constructor(context: HandlerContext) {
    this.#context = context;
    this.#startedAtMs = context.spec.clock.now();
  }

  async answer({ path, method, body, url }: Parameters<HttpHandler>[0]): Promise<HandledAnswer | undefined> {
    const isVerbose = /[?&]v(?:[&=]|$)/.test(url);
    if (path === '/') return json(this.#greeting());
    if (path === '/_pilothouse/member') return json(this.#self());
    if (path.startsWith('/_cluster/health')) return json(await this.#health());
    if (path.startsWith('/_cluster/state')) return json(await this.#state());
    if (path.startsWith('/_cat/nodes')) return plain(catNodes(await this.#members(), isVerbose));
    if (path.startsWith('/_cat/master')) return plain(catMaster(await this.#members()));
    if (path.startsWith('/_cat/health')) return plain(await this.#catHealth(isVerbose));
    if (path.startsWith('/_cat/indices')) return plain(await this.#catIndices(isVerbose));
    if (path === '/_cat') return plain('=^.^=\n/_cat/health\n/_cat/indices\n/_cat/master\n/_cat/nodes\n');
    if (path.startsWith('/_nodes'))
      return json({ cluster_name: this.#clusterName, nodes: nodesOf(await this.#members()) });
    if (path.startsWith('/_')) return undefined;
    return this.#document(method, path, body);
  }

  get #env(): Readonly<Record<string, string>> {
    return this.#context.spec.env;
  }

  get #clusterName(): string {
    return this.#env['cluster.name'] ?? this.#env['CLUSTER_NAME'] ?? 'docker-cluster';
  }

  #self(): Member {
    const { hostname, ip } = this.#context.spec;
    return {
      name: this.#env['node.name'] ?? this.#env['NODE_NAME'] ?? hostname,
      ip,
      startedAtMs: this.#startedAtMs,
      isEligible: (this.#env['node.master'] ?? this.#env['NODE_MASTER'] ?? 'true') !== 'false',
    };
  }

  /** This member and all that answer at the seed hosts, the master first. */
  async #members(): Promise<Member[]> {
    const { spec, fs, signal } = this.#context;
    const seeds =
      this.#env['discovery.seed_hosts'] ??
      this.#env['discovery.zen.ping.unicast.hosts'] ??
      this.#env['DISCOVERY_SERVICE'] ??
      '';
    const hosts = seeds
      .replaceAll(/[[\]"\s]/g, '')
      .split(',')
      .filter(Boolean);
    const found = await Promise.all(
      hosts.map((host) =>
        resolveHost({ fs, network: spec.network }, host.replace(/:\d+$/, ''), signal).catch(() => []),
      ),
    );
    const others = [...new Set(found.flat())].filter((address) => address !== spec.ip && !address.startsWith('127.'));
    const members = await Promise.all(others.map((address) => this.#ask(address).catch(() => undefined)));
    const all = [this.#self(), ...members.filter((member) => member !== undefined)];
    return all.toSorted((left, right) => left.startedAtMs - right.startedAtMs || (left.name < right.name ? -1 : 1));
  }

  async #ask(address: string): Promise<Member> {
    const { connect, port, signal } = this.#context;
    const connection = await connect(address, port, signal);
    const url = new URL(`http://${address}:${port}/_pilothouse/member`);
    const { body } = await fetchOver({ url, method: 'GET', headers: {}, connection, signal });
    return JSON.parse(body.toString('utf8')) as Member;
  }

  #greeting() {
    const version = variable(this.#context.spec, 'ELASTIC_VERSION') ?? '8.17.4';
    return {
      name: this.#self().name,
      cluster_name: this.#clusterName,
      cluster_uuid: createHash('sha256').update(this.#clusterName).digest('base64url').slice(0, 22),
      version: { number: version, build_flavor: 'default', build_type: 'docker', lucene_version: '9.12.0' },
      tagline: 'You Know, for Search',
    };
  }

  async #health() {
    const members = await this.#members();
    const shards = (await this.#data()).size;
    const wanted = Number(this.#env['discovery.zen.minimum_master_nodes'] ?? this.#env['NUMBER_OF_MASTERS'] ?? 1);
    const isQuorate = members.filter(({ isEligible }) => isEligible).length >= wanted;
    return {
      cluster_name: this.#clusterName,
      status: isQuorate ? (shards > 0 && members.length === 1 ? 'yellow' : 'green') : 'red',
      timed_out: false,
      number_of_nodes: members.length,
      number_of_data_nodes: members.length,
      active_primary_shards: shards,
      active_shards: members.length > 1 ? shards * 2 : shards,
      relocating_shards: 0,
      initializing_shards: 0,
      unassigned_shards: members.length > 1 ? 0 : shards,
      number_of_pending_tasks: 0,
      active_shards_percent_as_number: isQuorate ? 100 : 0,
    };
  }

  async #state() {
    const members = await this.#members();
    return { cluster_name: this.#clusterName, master_node: idOf(masterOf(members)), nodes: nodesOf(members) };
  }

  async #catHealth(isVerbose: boolean): Promise<string> {
    const {
      status,
      number_of_nodes: nodes,
      active_shards: shards,
      active_primary_shards: primaries,
    } = await this.#health();
    const now = this.#context.spec.clock.now();
    const head = 'epoch      timestamp cluster        status node.total node.data shards pri relo init unassign\n';
    const time = new Date(now).toISOString().slice(11, 19);
    const row = `${Math.floor(now / 1000)} ${time}  ${this.#clusterName} ${status} ${nodes} ${nodes} ${shards} ${primaries} 0 0 0\n`;
    return (isVerbose ? head : '') + row;
  }

  async #catIndices(isVerbose: boolean): Promise<string> {
    const rows = [...(await this.#data())].map(
      ([name, docs]) => `green open ${name} ${uuidOf(name)} 1 1 ${docs.size} 0 4.5kb 4.5kb\n`,
    );
    return (
      (isVerbose ? 'health status index uuid pri rep docs.count docs.deleted store.size pri.store.size\n' : '') +
      rows.join('')
    );
  }

  async #document(method: string, path: string, body: Buffer): Promise<HandledAnswer> {
    const [name = '', kind, id] = path.slice(1).split('/');
    const index = (await this.#data()).get(name);
    if (kind === '_search' || kind === '_count') return index ? json(searchOf(name, index, kind)) : missing(name);
    if (method === 'GET' || method === 'HEAD') return index ? documentOf(name, index, id) : missing(name);
    return method === 'DELETE' ? this.#remove(name, id) : this.#put(name, { kind, id, body });
  }

  async #remove(name: string, id: string | undefined): Promise<HandledAnswer> {
    const data = await this.#data();
    const was = (id === undefined ? data.delete(name) : data.get(name)?.delete(id)) === true;
    await this.#save();
    const result = { _index: name, _id: id, result: was ? 'deleted' : 'not_found' };
    return json(id === undefined ? { acknowledged: was } : result, was ? 200 : 404);
  }

  async #put(
    name: string,
    { kind, id, body }: { kind: string | undefined; id: string | undefined; body: Buffer },
  ): Promise<HandledAnswer> {
    const data = await this.#data();
    const docs = data.get(name) ?? new Map<string, unknown>();
    data.set(name, docs);
    const key = id ?? uuidOf(`${name}${docs.size}`);
    const existed = docs.has(key);
    if (kind !== undefined) docs.set(key, JSON.parse(body.toString('utf8') || '{}'));
    await this.#save();
    if (kind === undefined) return json({ acknowledged: true, shards_acknowledged: true, index: name });
    const result = existed ? 'updated' : 'created';
    return json({ _index: name, _id: key, _version: 1, result }, existed ? 200 : 201);
  }

  async #data(): Promise<Map<string, Index>> {
    if (this.#indices) return this.#indices;
    const fs = await this.#context.fs();
    const stored = (await fs.exists(DATA_FILE))
      ? (JSON.parse(await fs.readFile(DATA_FILE)) as Record<string, Record<string, unknown>>)
      : {};
    this.#indices = new Map(Object.entries(stored).map(([name, docs]) => [name, new Map(Object.entries(docs))]));
    return this.#indices;
  }

  async #save(): Promise<void> {
    const fs = await this.#context.fs();
    await fs.mkdir(DATA_FILE.slice(0, DATA_FILE.lastIndexOf('/')), { recursive: true });
    const data = Object.fromEntries([...(await this.#data())].map(([name, docs]) => [name, Object.fromEntries(docs)]));
    await fs.writeFile(DATA_FILE, JSON.stringify(data));
  }
}

const DATA_FILE = '/usr/share/elasticsearch/data/nodes/0/indices.json';

function documentOf(name: string, index: Index, id: string | undefined): HandledAnswer {
  if (id === undefined) return json({ [name]: { aliases: {}, mappings: {}, settings: {} } });
  const source = index.get(id);
  const found = source !== undefined;
  return json({ _index: name, _id: id, found, ...(found ? { _source: source } : {}) }, found ? 200 : 404);
}

const masterOf = (members: readonly Member[]): Member | undefined => members.find(({ isEligible }) => isEligible);
const uuidOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);
const idOf = (member: Member | undefined): string => uuidOf(member?.name ?? '');

function catNodes(members: readonly Member[], isVerbose: boolean): string {
  const master = masterOf(members);
  const head = 'ip heap.percent ram.percent cpu load_1m load_5m load_15m node.role master name\n';
  const rows = members.map((member) => {
    const role = member.isEligible ? 'cdfhilmrstw' : 'cdfhilrstw';
    return `${member.ip} 38 71 3 0.21 0.30 0.28 ${role} ${member === master ? '*' : '-'} ${member.name}\n`;
  });
  return (isVerbose ? head : '') + rows.join('');
}

function catMaster(members: readonly Member[]): string {
  const master = masterOf(members);
  return master ? `${idOf(master)} ${master.ip} ${master.ip} ${master.name}\n` : '\n';
}

function nodesOf(members: readonly Member[]): Record<string, unknown> {
  return Object.fromEntries(
    members.map((member) => [
      idOf(member),
      { name: member.name, transport_address: `${member.ip}:9300`, ip: member.ip },
    ]),
  );
}

function searchOf(name: string, index: Index, kind: string) {
  if (kind === '_count') return { count: index.size, _shards: { total: 1, successful: 1, skipped: 0, failed: 0 } };
  const hits = [...index].map(([_id, _source]) => ({ _index: name, _id, _score: 1, _source }));
  return {
    took: 1,
    timed_out: false,
    hits: { total: { value: hits.length, relation: 'eq' }, max_score: 1, hits: hits.slice(0, 10) },
  };
}

function missing(name: string): HandledAnswer {
  const reason = { type: 'index_not_found_exception', reason: `no such index [${name}]`, index: name };
  return json({ error: { root_cause: [reason], ...reason }, status: 404 }, 404);
}
