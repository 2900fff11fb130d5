import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Pods } from '#common/kube/resources';
import type { Pod, Probe } from '#common/kube/types';
import type { NodeApi } from '#main/base/node-api';
import { TestSandbox } from '#test/harness/test-sandbox';

/** An image as its documentation or chart runs it, and what is expected of it. */
interface Known {
  image: string;
  command?: string[];
  args?: string[];
  env?: Record<string, string>;
  /** Readiness as its chart asks for it. */
  ready?: Probe;
  live?: Probe;
  says: RegExp;
  /** Ports that take a connection. */
  ports?: number[];
  /** GET of a path. */
  answers?: [port: number, path: string, status: number, body: RegExp][];
  /** What its own tools print. */
  tools?: [command: string, out: RegExp][];
}

const http = (path: string, port: number): Probe => ({ httpGet: { path, port }, periodSeconds: 5 });
const tcp = (port: number): Probe => ({ tcpSocket: { port }, periodSeconds: 5 });
const exec = (...command: string[]): Probe => ({ exec: { command }, periodSeconds: 5, timeoutSeconds: 5 });

const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53';

const known: Known[] = [
  {
    image: AGNHOST,
    args: ['netexec', '--http-port=8083'],
    ready: http('/healthz', 8083),
    says: /Started HTTP server on port 8080/,
    answers: [
      [8083, '/hostname', 200, /^known$/],
      [8083, '/echo?msg=hi&code=418', 418, /^hi$/],
      [
        8083,
        '/dial?host=127.0.0.1&port=8083&request=hostname&protocol=http&tries=2',
        200,
        /^{"responses":\["known","known"\]}$/,
      ],
      [8083, '/dial?host=127.0.0.1&port=9&request=hostname', 200, /"errors":/],
      [8083, '/redirect?location=/hostname&code=307', 307, /^$/],
    ],
    tools: [
      ['/agnhost connect 127.0.0.1:8083; echo $?', /^0\n$/],
      ['/agnhost connect 127.0.0.1:9 2>&1; echo $?', /^REFUSED\n1\n$/],
      ['/agnhost dns-suffix', /^default\.svc\.cluster\.local,svc\.cluster\.local,cluster\.local\n$/],
      ['/agnhost dns-server-list', /^10\.96\.0\.10\n$/],
      ['/agnhost etc-hosts', /127\.0\.0\.1\s+localhost/],
      ['/agnhost entrypoint-tester a b', /^\[\/agnhost entrypoint-tester a b\]\n$/],
      ['/agnhost nosuch 2>&1; echo $?', /^Error: unknown command "nosuch" for "app"\n.*\n1\n$/],
    ],
  },
  { image: AGNHOST, args: ['pause'], says: /^Paused$/m },
  { image: AGNHOST, args: ['liveness'], says: /^$/, answers: [[8080, '/healthz', 500, /^error: /]] },
  {
    image: AGNHOST,
    args: ['porter'],
    env: { SERVE_PORT_80: 'foo', SERVE_PORT_1080: 'bar' },
    ready: tcp(1080),
    says: /^$/,
    answers: [
      [80, '/', 200, /^foo$/],
      [1080, '/any', 200, /^bar$/],
    ],
  },
  {
    image: 'mysql:8.4',
    env: { MYSQL_ROOT_PASSWORD: 'secret', MYSQL_DATABASE: 'shop' },
    ready: exec('mysql', '-h', '127.0.0.1', '-psecret', '-e', 'SELECT 1'),
    live: exec('mysqladmin', 'ping', '-psecret'),
    says: /ready for connections\..* port: 3306 {2}MySQL Community Server - GPL\.$/m,
    ports: [3306],
    tools: [
      ['mysql -psecret -N -e "SELECT 1"', /^1\n$/],
      ['mysql -psecret -e "SHOW DATABASES"', /^shop$/m],
      ['mysqladmin -psecret ping', /^mysqld is alive\n$/],
      ['. /etc/os-release; echo $ID', /^ol\n$/],
    ],
  },
  {
    image: 'mysql:5.7',
    env: { MYSQL_ALLOW_EMPTY_PASSWORD: '1' },
    ready: exec('mysql', '-h', '127.0.0.1', '-e', 'SELECT 1'),
    says: /ready for connections/,
    ports: [3306],
    tools: [['mysql -N -e "SELECT VERSION()"', /^5\.7\./]],
  },
  {
    image: 'gcr.io/google-samples/xtrabackup:1.0',
    command: ['sleep', '3600'],
    says: /^$/,
    tools: [
      ['xtrabackup --version 2>&1', /xtrabackup/],
      ['which ncat xbstream', /ncat\n.*xbstream/],
    ],
  },
  {
    image: 'postgres:16',
    env: { POSTGRES_PASSWORD: 'secret' },
    ready: exec('pg_isready', '-U', 'postgres'),
    says: /database system is ready to accept connections/,
    ports: [5432],
    tools: [
      ['psql -U postgres -tAc "select 1"', /^1\n$/],
      ['pg_isready', /accepting connections/],
    ],
  },
  {
    image: 'redis:7',
    ready: exec('redis-cli', 'ping'),
    says: /Ready to accept connections tcp/,
    ports: [6379],
    tools: [
      ['redis-cli ping', /^PONG\n$/],
      ['redis-cli set a 5', /^OK\n$/],
      ['redis-cli set b 6 >/dev/null; redis-cli get b', /6/],
    ],
  },
  ...['6.8.23', '7.17.28'].map((version): Known => ({
    image: `docker.elastic.co/elasticsearch/elasticsearch:${version}`,
    env: { 'discovery.type': 'single-node' },
    ready: http('/_cluster/health', 9200),
    says: /started/,
    ports: [9300],
    answers: [
      [9200, '/', 200, new RegExp(`"number" : "${version}"`)],
      [9200, '/_cat/nodes', 200, /\*/],
    ],
  })),
  {
    image: 'docker.elastic.co/elasticsearch/elasticsearch:8.17.4',
    env: { 'discovery.type': 'single-node', 'xpack.security.enabled': 'false' },
    ready: http('/_cluster/health', 9200),
    says: /started/,
    answers: [[9200, '/_cluster/health', 200, /"status":"green"/]],
  },
  {
    image: 'rabbitmq:4-management',
    ready: exec('rabbitmq-diagnostics', 'check_running'),
    live: exec('rabbitmq-diagnostics', '-q', 'ping'),
    says: /Server startup complete/,
    ports: [5672, 15672, 25672],
    answers: [
      [15672, '/', 200, /RabbitMQ Management/],
      [15692, '/metrics', 200, /rabbitmq_build_info/],
    ],
    tools: [
      ['rabbitmqctl list_users', /guest\t\[administrator\]/],
      ['rabbitmq-diagnostics ping', /Ping succeeded/],
    ],
  },
  {
    image: 'apache/kafka:4.0.0',
    ready: tcp(9092),
    says: /Kafka Server started/,
    ports: [9092, 9093],
    tools: [
      [
        '/opt/kafka/bin/kafka-topics.sh --bootstrap-server localhost:9092 --create --topic a --partitions 3',
        /^Created topic a\.\n$/,
      ],
      [
        'kafka-topics.sh --bootstrap-server localhost:9092 --create --topic b >/dev/null; kafka-topics.sh --bootstrap-server localhost:9092 --list',
        /b\n$/,
      ],
      ['kafka-topics.sh --bootstrap-server localhost:1 --list', /could not be established/],
    ],
  },
  { image: 'fluent/fluentd:v1.18-1', says: /fluentd worker is now running worker=0/, ports: [24224] },
  {
    image: 'fluent/fluent-bit:4.0.3',
    ready: http('/api/v1/health', 2020),
    says: /Fluent Bit v4\.0\.3/,
    answers: [[2020, '/', 200, /"version":"4\.0\.3"/]],
  },
  {
    image: 'tomcat:11',
    ready: tcp(8080),
    says: /Server startup in \[\d+\] milliseconds/,
    answers: [[8080, '/', 404, /HTTP Status 404/]],
    tools: [['echo $CATALINA_HOME; ls webapps.dist', /^\/usr\/local\/tomcat\nROOT\n$/]],
  },
  {
    image: 'grafana/grafana:12.0.1',
    ready: http('/api/health', 3000),
    says: /HTTP Server Listen/,
    answers: [
      [3000, '/', 302, /login/],
      [3000, '/api/health', 200, /"database": "ok"/],
    ],
  },
  {
    image: 'jaegertracing/all-in-one:1.67.0',
    ready: http('/', 14269),
    says: /Health Check state change/,
    ports: [4317, 4318, 9411, 14250, 14268],
    answers: [
      [16686, '/search', 200, /Jaeger UI/],
      [16686, '/api/services', 200, /"data":\[\]/],
    ],
  },
  {
    image: 'jaegertracing/jaeger-query:1.67.0',
    ready: http('/', 16687),
    says: /Health Check state change/,
    answers: [[16686, '/', 200, /Jaeger UI/]],
  },
  {
    image: 'jaegertracing/jaeger-collector:1.67.0',
    ready: http('/', 14269),
    says: /Health Check state change/,
    ports: [14250, 4317],
  },
  {
    image: 'jaegertracing/jaeger-agent:1.67.0',
    ready: http('/', 14271),
    says: /Health Check state change/,
    ports: [5778],
  },
  {
    image: 'quay.io/jetstack/cert-manager-controller:v1.17.2',
    live: http('/livez', 9403),
    says: /cert-manager/,
    answers: [[9402, '/metrics', 200, /certmanager/]],
  },
  {
    image: 'quay.io/jetstack/cert-manager-webhook:v1.17.2',
    ready: http('/healthz', 6080),
    live: http('/livez', 6080),
    says: /cert-manager-webhook/,
    ports: [10250],
  },
  {
    image: 'quay.io/jetstack/cert-manager-cainjector:v1.17.2',
    says: /cainjector/,
    answers: [[9402, '/metrics', 200, /certmanager/]],
  },
  {
    image: 'registry.k8s.io/ingress-nginx/controller:v1.13.3',
    args: ['/nginx-ingress-controller', '--ingress-class=nginx'],
    ready: http('/healthz', 10254),
    says: /NGINX Ingress controller/,
    ports: [80, 443, 8443],
  },
  {
    image: 'prom/prometheus:v3.4.1',
    ready: http('/-/ready', 9090),
    live: http('/-/healthy', 9090),
    says: /Server is ready to receive web requests\./,
    answers: [
      [9090, '/', 302, /query/],
      [9090, '/query', 200, /Prometheus Time Series/],
      [9090, '/metrics', 200, /^prometheus_build_info/m],
      [9090, '/api/v1/targets', 200, /"status":"success"/],
    ],
    tools: [['cat /etc/prometheus/prometheus.yml', /scrape_configs/]],
  },
  { image: 'registry.k8s.io/pause:3.10', says: /^$/ },
  {
    image: 'nginx:1.29-alpine',
    ready: http('/', 80),
    says: /start worker process/,
    answers: [[80, '/', 200, /Welcome to nginx/]],
    tools: [['nginx -v 2>&1; which bash; echo $?', /1\n$/]],
  },
];

const SIGNAL = new AbortController().signal;

describe('an image that is known', { timeout: 30_000 }, () => {
  it.each(known)('behaves as its documentation says: $image $args', async (one) => {
    await using sandbox = await TestSandbox.open({ nodes: 1 });
    const created = await sandbox.create(Pods, podOf(one));
    await sandbox.advance(45_000);
    const pod = await sandbox.get(Pods, created.metadata.name);
    const [status] = pod.status?.containerStatuses ?? [];
    expect([pod.status?.phase, status?.ready, status?.restartCount]).toEqual(['Running', true, 0]);
    const node = sandbox.kubelets?.directory('node-1');
    if (!node) throw new Error('no such node');
    const reach = new Reach(node, pod);
    expect(await reach.log()).toMatch(one.says);
    for (const port of one.ports ?? []) (await reach.dial(port)).destroy();
    for (const [port, path, code, body] of one.answers ?? []) {
      const answer = await reach.get(port, path);
      expect({ path, ...answer }).toEqual({ path, code, body: expect.stringMatching(body) });
    }
    for (const [command, out] of one.tools ?? [])
      expect(`${command}\n${await reach.run(command)}`).toMatch(
        new RegExp(out.source.replace(/^\^/, '\\n'), out.flags),
      );
    expect(sandbox.reports).toEqual([]);
  });

  it.each([
    { image: 'mysql:8.4', says: 'Database is uninitialized and password option is not specified' },
    { image: 'mysql:5.7', says: 'Database is uninitialized and password option is not specified' },
    { image: 'postgres:16', says: 'Error: Database is uninitialized and superuser password is not specified.' },
  ])('ends without what it needs: $image', async ({ image, says }) => {
    await using sandbox = await TestSandbox.open({ nodes: 1 });
    const created = await sandbox.create(Pods, podOf({ image, says: /./ }));
    await sandbox.advance(20_000);
    const pod = await sandbox.get(Pods, created.metadata.name);
    const { lastState, state } = pod.status?.containerStatuses?.[0] ?? {};
    expect((state?.terminated ?? lastState?.terminated)?.exitCode).toBe(1);
    const node = sandbox.kubelets?.directory('node-1');
    if (!node) throw new Error('no such node');
    expect(await new Reach(node, pod).log()).toContain(says);
  });
});

function podOf({ image, command, args, env = {}, ready, live }: Known) {
  const container = {
    name: 'main',
    image,
    ...(command && { command }),
    ...(args && { args }),
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    ...(ready && { readinessProbe: ready }),
    ...(live && { livenessProbe: { ...live, initialDelaySeconds: 15 } }),
  };
  return { metadata: { name: 'known' }, spec: { nodeName: 'node-1', containers: [container] } };
}

/** What one can ask of a running Pod. */
class Reach {
  readonly #node: NodeApi;
  readonly #pod: { namespace: string; name: string; uid: string };

  constructor(node: NodeApi, { metadata: { namespace = 'default', name, uid } }: Pod) {
    this.#node = node;
    this.#pod = { namespace, name, uid };
  }

  dial(port: number) {
    return this.#node.dial(this.#pod, port, SIGNAL);
  }

  async log(): Promise<string> {
    const query = { container: 'main', follow: false, previous: false, timestamps: false };
    return textOf(await this.#node.logs(this.#pod, query, SIGNAL));
  }

  async run(script: string): Promise<string> {
    const command = ['sh', '-c', script];
    const query = { container: 'main', command, stdin: false, stdout: true, stderr: true, tty: false };
    return textOf((await this.#node.exec(this.#pod, query, SIGNAL)).stdout);
  }

  async get(port: number, path: string): Promise<{ code: number | undefined; body: string }> {
    const connection = await this.dial(port);
    return new Promise((resolve, reject) => {
      const options = { host: 'localhost', path, createConnection: () => connection };
      const asking = request(options, (response) => {
        void textOf(response).then((body) => resolve({ code: response.statusCode, body }), reject);
      });
      asking.on('error', reject);
      asking.end();
    });
  }
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}
