import { afterEach, describe, expect, it } from 'vitest';
import { execText, RESOLVER, testContainer, TestNetwork } from '#test/harness/test-container';
import type { Container } from './container';

const running: { container: Container; ended: Promise<unknown> }[] = [];
const network = new TestNetwork();
let last = 10;

afterEach(async () => {
  for (const { container } of running) container.kill();
  await Promise.all(running.splice(0).map(({ ended }) => ended));
});

function start(name: string, image: string, options: Parameters<typeof testContainer>[1] = {}): Container {
  const container = testContainer(image, { network, hostname: name, ip: `10.244.0.${++last}`, ...options });
  network.add(name, container);
  running.push({ container, ended: container.run() });
  return container;
}

const client = (image = 'busybox') => testContainer(image, { network });

async function listening(container: Container, port: number): Promise<void> {
  while (!container.ports.includes(port)) await new Promise((resolve) => setImmediate(resolve));
}

describe('programs that use the network', () => {
  it('fetch pages, and see what was written into them', async () => {
    const web = start('web', 'nginx');
    await listening(web, 80);
    const sh = (script: string, image?: string) => execText(client(image), ['sh', '-c', script]);
    expect((await sh('wget -qO- web')).out).toContain('Welcome to nginx!');
    expect(await execText(web, ['sh', '-c', 'echo new > /usr/share/nginx/html/index.html'])).toMatchObject({ code: 0 });
    expect(await sh('curl -s http://web.default.svc.cluster.local', 'curlimages/curl')).toEqual({
      out: 'new\n',
      err: '',
      code: 0,
    });
    expect(await sh("curl -s -o /dev/null -w '%{http_code}\\n' web/nothing", 'curlimages/curl')).toMatchObject({
      out: '404\n',
    });
    expect((await sh('curl -sI web', 'curlimages/curl')).out).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect((await sh('curl web:81', 'curlimages/curl')).err).toMatch(
      /^curl: \(7\) Failed to connect to web port 81 after \d+ ms: Could not connect to server\n$/,
    );
    expect(await sh('curl -sS nobody; echo $?', 'curlimages/curl')).toEqual({
      out: '6\n',
      err: 'curl: (6) Could not resolve host: nobody\n',
      code: 0,
    });
    expect(await sh('wget -q nobody')).toEqual({ out: '', err: "wget: bad address 'nobody'\n", code: 1 });
    expect((await sh('nslookup web')).out).toBe(
      `Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tweb.default.svc.cluster.local\nAddress: ${web.spec.ip}\n\n`,
    );
    expect(await sh('nc -z -v web 80')).toMatchObject({ err: `web (${web.spec.ip}:80) open\n`, code: 0 });
    expect((await sh('ping -c 1 web')).out).toContain('1 packets transmitted, 1 packets received, 0% packet loss');
  });

  it('speak over ports that scripts open', async () => {
    const server = start('talk', 'busybox', { command: ['sh', '-c', 'echo hello | nc -l -p 7000; echo over'] });
    await listening(server, 7000);
    expect(await execText(client(), ['nc', 'talk', '7000'])).toMatchObject({ out: 'hello\n', code: 0 });
  });

  it('hand over what a command prints', async () => {
    const command = ['bash', '-c', "exec ncat --listen --keep-open --send-only 7001 -c 'echo one; echo two'"];
    const server = start('source', 'gcr.io/google-samples/xtrabackup:1.0', { command });
    await listening(server, 7001);
    const script = 'ncat --recv-only source 7001 | sort -r';
    expect((await execText(client('gcr.io/google-samples/xtrabackup:1.0'), ['bash', '-c', script])).out).toBe(
      'two\none\n',
    );
  });

  it('answer Redis commands', async () => {
    const redis = start('cache', 'redis');
    await listening(redis, 6379);
    expect((await execText(redis, ['redis-cli', 'set', 'a', '1'])).out).toBe('OK\n');
    expect((await execText(client('redis'), ['redis-cli', '-h', 'cache', 'get', 'a'])).out).toBe('1\n');
  });

  it('lack what their image lacks', async () => {
    const { exit } = client('nginx').exec(['wget', 'x'], { stdin: false, tty: false });
    expect(await exit).toMatchObject({ code: 127 });
    const { exit: shell } = client('registry.k8s.io/coredns/coredns:v1.12.1').exec(['sh'], {
      stdin: false,
      tty: false,
    });
    expect(await shell).toMatchObject({
      code: 127,
      message: expect.stringContaining('exec: "sh": executable file not found'),
    });
  });
});

describe('databases', () => {
  it('refuse to start without a password', async () => {
    const lacking = testContainer('mysql:8.0', { network });
    expect(await lacking.run()).toEqual({ exitCode: 1 });
    expect(lacking.log.lines.map(({ text }) => text).join('\n')).toContain(
      'Database is uninitialized and password option is not specified',
    );
    expect(await testContainer('postgres:17', { network }).run()).toEqual({ exitCode: 1 });
  });

  it('answer mysql, and replicate from a copy', async () => {
    const env = { MYSQL_ALLOW_EMPTY_PASSWORD: '1' };
    const profile = { programs: { mysqld: { listen: [{ port: 3306, protocol: 'mysql' }] } } };
    const primary = start('mysql-0', 'mysql:5.7', { env, profile });
    await listening(primary, 3306);
    const mysql = (container: Container, sql: string) => execText(container, ['mysql', '-h', '127.0.0.1', '-e', sql]);
    await mysql(
      primary,
      "CREATE DATABASE test; CREATE TABLE test.messages (message VARCHAR(250)); INSERT INTO test.messages VALUES ('hello');",
    );
    expect(await mysql(primary, 'SELECT * FROM test.messages')).toEqual({ out: 'message\nhello\n', err: '', code: 0 });
    expect(await mysql(primary, 'SELECT * FROM test.nothing')).toMatchObject({
      err: "ERROR 1146 (42S02) at line 1: Table 'test.nothing' doesn't exist\n",
      code: 1,
    });
    const files = { ...RESOLVER, '/etc/mysql/conf.d/replica.cnf': '[mysqld]\nsuper-read-only\nserver-id=101\n' };
    const replica = start('mysql-1', 'mysql:5.7', { env, profile, files: () => files });
    await listening(replica, 3306);
    await mysql(
      replica,
      "CHANGE MASTER TO MASTER_LOG_FILE='mysql-bin.000001', MASTER_LOG_POS=154, MASTER_HOST='mysql-0', MASTER_USER='root', MASTER_PASSWORD=''; START SLAVE;",
    );
    let seen = '';
    while (!seen.includes('hello')) seen = (await mysql(replica, 'SELECT * FROM test.messages')).out;
    expect((await mysql(replica, "INSERT INTO test.messages VALUES ('no')")).err).toContain('ERROR 1290 (HY000)');
    expect((await mysql(replica, 'SELECT @@server_id')).out).toBe('@@server_id\n101\n');
  });

  it('answer psql', async () => {
    const profile = { programs: { postgres: { listen: [{ port: 5432, protocol: 'postgres' }] } } };
    const server = start('db', 'postgres:17', { env: { POSTGRES_PASSWORD: 'secret' }, profile });
    await listening(server, 5432);
    const psql = (sql: string, password = 'secret') =>
      execText(testContainer('postgres:17', { network, env: { PGPASSWORD: password } }), [
        'psql',
        '-h',
        'db',
        '-U',
        'postgres',
        '-c',
        sql,
      ]);
    expect((await psql('CREATE TABLE t (id serial, name text)')).out).toBe('CREATE TABLE\n');
    expect((await psql("INSERT INTO t (name) VALUES ('a'), ('b')")).out).toBe('INSERT 0 2\n');
    expect((await psql('SELECT * FROM t WHERE id > 1')).out).toBe(' id | name \n----+------\n  2 | b\n(1 row)\n\n');
    expect((await psql('SELECT 1', 'wrong')).err).toContain('password authentication failed for user "postgres"');
  });
});
