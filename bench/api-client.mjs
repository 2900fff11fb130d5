import { request, Agent } from 'node:https';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** Enough connections to keep a server busy, few enough that the client does not become the measure. */
const CONNECTIONS = 32;

/** Plain requests to one API server over kept-alive connections. */
export class ApiClient {
  #url;
  #agent;
  #tls;

  constructor(url, tls = {}) {
    this.#url = new URL(url);
    this.#tls = { rejectUnauthorized: false, ...tls };
    this.#agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, ...this.#tls });
  }

  /** As the administrator of a kubeconfig file with its certificates inside. */
  static fromKubeconfig(path) {
    const { clusters, users } = parse(readFileSync(path, 'utf8'));
    const decoded = (name) => Buffer.from(users[0].user[name], 'base64');
    return new ApiClient(clusters[0].cluster.server, {
      cert: decoded('client-certificate-data'),
      key: decoded('client-key-data'),
    });
  }

  /** Status and body as bytes. */
  send(method, path, body, headers = {}) {
    return new Promise((resolve, reject) => {
      const sent = this.#request(method, path, { agent: this.#agent, headers }, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(parts) }));
      });
      sent.once('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async json(method, path, body, headers) {
    const answer = await this.send(method, path, body, headers);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body.subarray(0, 300)}`);
    return JSON.parse(answer.body);
  }

  /** Calls `line` with each line of a watch on a connection of its own; resolves, when it is open, with what ends it. */
  watch(path, line) {
    return new Promise((resolve, reject) => {
      const sent = this.#request('GET', path, { agent: new Agent({ ...this.#tls }) }, (response) => {
        let rest = '';
        response.setEncoding('utf8');
        response.on('error', () => {});
        response.on('data', (part) => {
          const lines = (rest + part).split('\n');
          rest = lines.pop();
          for (const one of lines) line(one);
        });
        resolve(() => sent.destroy());
      });
      sent.once('error', reject);
      sent.end();
    });
  }

  close() {
    this.#agent.destroy();
  }

  #request(method, path, { agent, headers = {} }, answered) {
    const { hostname, port } = this.#url;
    const all = { 'content-type': 'application/json', accept: 'application/json', ...headers };
    return request({ hostname, port, method, path, agent, headers: all }, answered);
  }
}

/** Runs `task(0)` … `task(count - 1)`, as many at once as there are connections. */
export async function spread(count, task) {
  let next = 0;
  const worker = async () => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
}

/** The value below which the share `part` of `values` lies. */
export function percentile(values, part) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

export async function timed(task) {
  const started = performance.now();
  const result = await task();
  return { ms: performance.now() - started, result };
}

/** The middle of `runs` runs, in milliseconds. */
export async function median(runs, task) {
  const times = [];
  for (let run = 0; run < runs; run++) times.push((await timed(task)).ms);
  return percentile(times, 0.5);
}

/** The shortest of `runs` runs, in milliseconds. */
export async function best(runs, task) {
  const times = [];
  for (let run = 0; run < runs; run++) times.push((await timed(task)).ms);
  return Math.min(...times);
}
