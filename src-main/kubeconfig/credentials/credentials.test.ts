import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { parseKubeconfig } from '../parse';
import { credentialsOf } from './source';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'credentials-'))));
afterAll(() => rm(folder, { recursive: true }));

/** The credentials of a user with these fields, in a kubeconfig of this folder. */
function source(user: object, { clock = new ManualClock(), cluster = {}, env = {} } = {}) {
  const file = parseKubeconfig(
    join(folder, 'config'),
    JSON.stringify({
      clusters: [{ name: 'k', cluster: { server: 'https://h:6443', ...cluster } }],
      users: [{ name: 'u', user }],
    }),
  );
  const path = [dirname(process.execPath), folder].join(':');
  const credentials = credentialsOf(file.users[0]!, file.clusters[0]!, { clock, env: { PATH: path, ...env } });
  return { credentials, clock };
}

describe('written credentials', () => {
  it.each([
    ['nothing', {}, {}],
    ['token', { token: 'abc' }, { authorization: 'Bearer abc' }],
    ['basic', { username: 'jane', password: 'pa:ss' }, { authorization: `Basic ${btoa('jane:pa:ss')}` }],
    [
      'impersonation',
      {
        token: 'abc',
        as: 'root',
        'as-uid': '7',
        'as-groups': ['a', 'b'],
        'as-user-extra': { 'x.io/scopes': ['one', 'two'] },
      },
      {
        authorization: 'Bearer abc',
        'Impersonate-User': 'root',
        'Impersonate-Uid': '7',
        'Impersonate-Group': ['a', 'b'],
        'Impersonate-Extra-x.io%2Fscopes': ['one', 'two'],
      },
    ],
  ])('%s', async (_, user, headers) => {
    expect(await source(user).credentials.current()).toEqual({ headers });
  });

  it('read a token file again after a minute, or when its token is refused', async () => {
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'one\n');
    const { credentials, clock } = source({ tokenFile, token: 'fallback' });
    const token = async () => (await credentials.current()).headers['authorization'];
    const first = await credentials.current();
    expect(first.headers).toEqual({ authorization: 'Bearer one' });
    await writeFile(tokenFile, 'two');
    expect(await token()).toBe('Bearer one');
    await clock.advance(60_000);
    expect(await token()).toBe('Bearer two');
    await writeFile(tokenFile, 'three');
    await clock.advance(1000);
    expect(credentials.refused(await credentials.current())).toBe(true);
    expect(await token()).toBe('Bearer three');
    expect(credentials.refused(await credentials.current())).toBe(false);
    await rm(tokenFile);
    await clock.advance(60_000);
    expect(await token()).toBe('Bearer fallback');
  });
});

/** A plugin as a program of its own: counts its runs, records what it was told, prints what `answer` says. */
const plugin = `#!/usr/bin/env node
const fs = require('node:fs');
const runs = process.env.RUNS_FILE;
const count = fs.existsSync(runs) ? fs.readFileSync(runs, 'utf8').split('\\n').length : 1;
fs.appendFileSync(runs, JSON.stringify({ args: process.argv.slice(2), info: JSON.parse(process.env.KUBERNETES_EXEC_INFO) }) + '\\n');
if (process.env.FAIL) { console.error('first line\\nlogin has expired'); process.exit(3); }
const status = JSON.parse(process.env.STATUS ?? '{}');
const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
console.log(process.env.PRINT ?? JSON.stringify({ kind: 'ExecCredential', apiVersion: info.apiVersion, status: { token: 'token-' + count, ...status } }));
`;

describe('a credential plugin', () => {
  let runsFile: string;
  let counter = 0;
  beforeAll(async () => {
    await writeFile(join(folder, 'plugin.cjs'), plugin);
    await chmod(join(folder, 'plugin.cjs'), 0o755);
  });

  const exec = (environment: Record<string, string> = {}, more: object = {}, version = 'v1') => {
    runsFile = join(folder, `runs-${++counter}`);
    const env = Object.entries({ RUNS_FILE: runsFile, ...environment }).map(([name, value]) => ({ name, value }));
    return {
      exec: {
        apiVersion: `client.authentication.k8s.io/${version}`,
        command: 'plugin.cjs',
        args: ['get', 'token'],
        env,
        ...more,
      },
    };
  };
  const runs = async () =>
    (await readFile(runsFile, 'utf8').catch(() => ''))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));

  it('is not started before the first request, and then once for all that wait', async () => {
    const { credentials } = source(exec());
    expect(await runs()).toEqual([]);
    const all = await Promise.all([credentials.current(), credentials.current(), credentials.current()]);
    expect(all.map(({ headers }) => headers['authorization'])).toEqual(Array(3).fill('Bearer token-1'));
    expect(await runs()).toEqual([
      {
        args: ['get', 'token'],
        info: { kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1', spec: { interactive: false } },
      },
    ]);
  });

  it('is told the cluster when it asks for it', async () => {
    const extension = { name: 'client.authentication.k8s.io/exec', extension: { audience: 'me' } };
    const cluster = { 'tls-server-name': 'api', 'proxy-url': 'http://p:1', extensions: [extension] };
    await source(exec({}, { provideClusterInfo: true }, 'v1beta1'), { cluster }).credentials.current();
    expect((await runs())[0].info.spec.cluster).toEqual({
      server: 'https://h:6443',
      'tls-server-name': 'api',
      'proxy-url': 'http://p:1',
      config: { audience: 'me' },
    });
  });

  it('is started again shortly before its answer expires', async () => {
    const clock = new ManualClock();
    const expirationTimestamp = new Date(clock.now() + 60_000).toISOString();
    const { credentials } = source(exec({ STATUS: JSON.stringify({ expirationTimestamp }) }), { clock });
    await credentials.current();
    await clock.advance(50_000);
    expect((await credentials.current()).headers).toEqual({ authorization: 'Bearer token-1' });
    await clock.advance(6_000);
    expect((await credentials.current()).headers).toEqual({ authorization: 'Bearer token-2' });
  });

  it('is started again when its answer is refused, but not in a storm', async () => {
    const { credentials, clock } = source(exec());
    const first = await credentials.current();
    expect(credentials.refused(first)).toBe(false);
    await clock.advance(10_000);
    expect(credentials.refused(first)).toBe(true);
    const second = await credentials.current();
    expect(second.headers).toEqual({ authorization: 'Bearer token-2' });
    expect(credentials.refused(first)).toBe(true);
    expect(await credentials.current()).toBe(second);
  });

  it('may give a client certificate', async () => {
    const status = { token: undefined, clientCertificateData: 'CERT', clientKeyData: 'KEY' };
    const { credentials } = source(exec({ STATUS: JSON.stringify({ ...status, token: null }) }));
    expect(await credentials.current()).toEqual({ headers: {}, certificate: { cert: 'CERT', key: 'KEY' } });
  });

  it.each([
    {
      case: 'is not on the PATH',
      user: () => exec({}, { command: 'no-such-plugin', installHint: 'Run brew install it.' }),
      want: {
        code: 'plugin-not-found',
        nextStep: 'Run brew install it.',
        details: /PATH searched:\n.*\n.*credentials-/,
      },
    },
    {
      case: 'fails',
      user: () => exec({ FAIL: '1' }),
      want: { code: 'plugin-failed', message: /ended with code 3 \(login has expired\)/, details: /first line/ },
    },
    {
      case: 'prints something else',
      user: () => exec({ PRINT: 'Opening browser…' }),
      want: { code: 'plugin-failed', message: /did not print an ExecCredential/ },
    },
    {
      case: 'speaks another version',
      user: () =>
        exec({
          PRINT: '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"x"}}',
        }),
      want: { code: 'plugin-failed', message: /answered with client.authentication.k8s.io\/v1beta1/ },
    },
    {
      case: 'gives nothing',
      user: () =>
        exec({ PRINT: '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{}}' }),
      want: { code: 'plugin-failed', message: /neither a token nor a client certificate/ },
    },
    {
      case: 'needs a terminal',
      user: () => exec({}, { interactiveMode: 'Always' }),
      want: { code: 'plugin-needs-terminal', nextStep: /plugin.cjs get token/ },
    },
  ])('that $case says so', async ({ user, want }) => {
    const failure = await source(user())
      .credentials.current()
      .catch((problem: unknown) => problem);
    for (const [field, value] of Object.entries(want)) {
      expect((failure as Record<string, unknown>)[field]).toEqual(
        value instanceof RegExp ? expect.stringMatching(value) : value,
      );
    }
  });
});

describe('the auth-provider oidc', () => {
  const token = (expiresAt: number) =>
    ['', JSON.stringify({ exp: expiresAt / 1000 }), '']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');

  it('uses the id-token until it expires, then renews it with the refresh-token', async () => {
    const clock = new ManualClock();
    const asked: string[] = [];
    const renewed = token(clock.now() + 3_600_000);
    const issuer = http.createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      if (body) asked.push(body);
      const url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
      response.end(
        JSON.stringify(body ? { id_token: renewed, refresh_token: 'r2' } : { token_endpoint: `${url}/token` }),
      );
    });
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
    const old = token(clock.now() + 60_000);
    const config = { 'idp-issuer-url': url, 'client-id': 'me', 'id-token': old, 'refresh-token': 'r1' };
    const { credentials } = source({ 'auth-provider': { name: 'oidc', config } }, { clock });
    expect((await credentials.current()).headers).toEqual({ authorization: `Bearer ${old}` });
    await clock.advance(55_000);
    expect((await credentials.current()).headers).toEqual({ authorization: `Bearer ${renewed}` });
    expect(asked).toEqual(['grant_type=refresh_token&refresh_token=r1&client_id=me']);
    issuer.closeAllConnections();
    issuer.close();
  });

  it('says when the sign-in has ended', async () => {
    const config = { 'idp-issuer-url': 'https://issuer', 'id-token': token(0) };
    await expect(source({ 'auth-provider': { name: 'oidc', config } }).credentials.current()).rejects.toMatchObject({
      code: 'signed-out',
    });
  });
});
