import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { Scope } from '#common/base/scope';
import { createAuthority } from '#test/contracts/certificates';
import { connectionOf } from './connection';
import { contextsOf, serverUrl } from './contexts';
import { locateKubeconfig } from './locate';
import { parseKubeconfig } from './parse';
import { mergeKubeconfigs, readKubeconfig } from './read';
import { watchKubeconfig } from './watch';

let folder: string;
let ca: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  ({ ca } = await createAuthority());
  await mkdir(join(folder, 'certs'));
  await writeFile(join(folder, 'certs', 'ca.crt'), ca);
  await writeFile(join(folder, 'certs', 'empty.crt'), '');
});
afterAll(() => rm(folder, { recursive: true }));

const write = async (name: string, text: string) => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};

const read = async (...paths: string[]) => {
  const kubeconfig = await readKubeconfig({ paths, named: true });
  return { kubeconfig, contexts: await contextsOf(kubeconfig) };
};

/** A kubeconfig with one context `c`, whose cluster and user have these fields. */
const single = (cluster: object, user: object = { token: 't' }, context: object = {}) =>
  JSON.stringify({
    clusters: [{ name: 'k', cluster: { server: 'https://h:6443', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', ...context } }],
  });

describe('where kubeconfig files are', () => {
  it.each([
    { env: {}, want: { paths: ['/home/jane/.kube/config'], named: false } },
    { env: { KUBECONFIG: '' }, want: { paths: ['/home/jane/.kube/config'], named: false } },
    { env: { KUBECONFIG: ['/a', '', '/b', '/a'].join(delimiter) }, want: { paths: ['/a', '/b'], named: true } },
  ])('$env', ({ env, want }) => expect(locateKubeconfig(env, '/home/jane')).toEqual(want));
});

describe('a list of kubeconfig files', () => {
  it('is merged so that the first to name a thing wins, and relative paths start at their own file', async () => {
    await mkdir(join(folder, 'sub'), { recursive: true });
    const first = await write(
      'first',
      `
clusters: [{ name: shared, cluster: { server: https://first, certificate-authority: certs/ca.crt } }]
contexts: [{ name: one, context: { cluster: shared, user: jane } }]
`,
    );
    const second = await write(
      'sub/second',
      `
current-context: two
clusters: [{ name: shared, cluster: { server: https://second } }]
users: [{ name: jane, user: { tokenFile: token, as: root, as-groups: [a, b], as-user-extra: { scopes: [x] } } }]
contexts: [{ name: one, context: { cluster: gone } }, { name: two, context: { cluster: shared, user: jane, namespace: web } }]
`,
    );
    await write('sub/token', 'secret');
    const { kubeconfig, contexts } = await read(first, second);
    expect(kubeconfig.currentContext).toBe('two');
    expect(contexts.map(({ name, problem, file }) => ({ name, problem, file }))).toEqual([
      { name: 'one', problem: undefined, file: first },
      { name: 'two', problem: undefined, file: second },
    ]);
    const [one, two] = contexts;
    expect(one?.cluster).toMatchObject({
      server: 'https://first',
      certificateAuthority: join(folder, 'certs', 'ca.crt'),
    });
    expect(two).toMatchObject({ isCurrent: true, namespace: 'web' });
    expect(two?.user).toMatchObject({
      tokenFile: join(folder, 'sub', 'token'),
      as: 'root',
      asGroups: ['a', 'b'],
      asUserExtra: { scopes: ['x'] },
    });
  });

  it('is no trouble when the default file is not there, and a word when a named one is not', async () => {
    const paths = [join(folder, 'absent')];
    expect((await readKubeconfig({ paths, named: false })).files[0]?.problem).toBeUndefined();
    expect((await readKubeconfig({ paths, named: true })).files[0]?.problem?.code).toBe('kubeconfig-missing');
  });
});

describe('a kubeconfig file that is not right', () => {
  it.each([
    { case: 'empty', text: ' \n', code: 'kubeconfig-empty', message: 'is empty' },
    { case: 'only a comment', text: '# nothing\n', code: 'kubeconfig-empty', message: 'is empty' },
    {
      case: 'not YAML',
      text: 'apiVersion: v1\nclusters: [\nusers: {{',
      code: 'kubeconfig-not-yaml',
      message: /line [23], column \d+/,
    },
    { case: 'a list', text: '- 1', code: 'kubeconfig-unknown', message: 'not a kubeconfig' },
    { case: 'something else', text: 'hello: world', code: 'kubeconfig-unknown', message: 'not a kubeconfig' },
  ])('$case says so', ({ text, code, message }) => {
    const { problem } = parseKubeconfig('/k', text);
    expect(problem?.code).toBe(code);
    expect(problem?.message).toMatch(message);
    expect(problem?.nextStep).toBeTruthy();
  });

  it('leaves the others usable', async () => {
    const good = await write('good', single({}));
    const bad = await write('bad', 'clusters: [');
    const { kubeconfig, contexts } = await read(bad, good);
    expect(kubeconfig.files[0]?.problem?.code).toBe('kubeconfig-not-yaml');
    expect(contexts.map((context) => [context.name, context.problem])).toEqual([['c', undefined]]);
  });
});

describe('a context', () => {
  const pem = () => Buffer.from(ca).toString('base64');
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws' };
  it.each([
    { case: 'is fine', text: () => single({ 'certificate-authority-data': pem() }), code: undefined, message: '' },
    { case: 'needs no user', text: () => single({}, {}, { user: '' }), code: undefined, message: '' },
    {
      case: 'names a cluster that is not there',
      text: () => single({}, {}, { cluster: 'gone' }),
      code: 'context-dangling',
      message: 'the cluster "gone"',
    },
    {
      case: 'names a user that is not there',
      text: () => single({}, {}, { user: 'gone' }),
      code: 'context-dangling',
      message: 'the user "gone"',
    },
    { case: 'has no server', text: () => single({ server: '' }), code: 'server-missing', message: 'has no server URL' },
    {
      case: 'has a server that is no URL',
      text: () => single({ server: 'ftp://x' }),
      code: 'server-invalid',
      message: '"ftp://x"',
    },
    {
      case: 'has a proxy that is no URL',
      text: () => single({ 'proxy-url': 'gopher://x' }),
      code: 'proxy-invalid',
      message: '"gopher://x"',
    },
    {
      case: 'names a CA file that is not there',
      text: () => single({ 'certificate-authority': 'certs/none.crt' }),
      code: 'certificate-missing',
      message: 'certs/none.crt (certificate-authority of "k") does not exist',
    },
    {
      case: 'names a CA file without a certificate',
      text: () => single({ 'certificate-authority': 'certs/empty.crt' }),
      code: 'certificate-invalid',
      message: 'does not contain a certificate',
    },
    {
      case: 'has CA data that is not base64',
      text: () => single({ 'certificate-authority-data': '@@@' }),
      code: 'certificate-invalid',
      message: 'certificate-authority-data of "k" is not base64',
    },
    {
      case: 'names a client certificate that is not there',
      text: () => single({}, { 'client-certificate': 'x.crt', 'client-key': 'x.key' }),
      code: 'certificate-missing',
      message: 'client-certificate of "u"',
    },
    {
      case: 'has a certificate without key',
      text: () => single({}, { 'client-certificate-data': pem() }),
      code: 'certificate-incomplete',
      message: 'no client-key',
    },
    {
      case: 'names a token file that is not there',
      text: () => single({}, { tokenFile: 'no-token' }),
      code: 'token-file-missing',
      message: 'no-token',
    },
    { case: 'uses a plugin', text: () => single({}, { exec }), code: undefined, message: '' },
    {
      case: 'uses a plugin of an old version',
      text: () => single({}, { exec: { ...exec, apiVersion: 'client.authentication.k8s.io/v1alpha1' } }),
      code: 'auth-unsupported',
      message: 'v1alpha1',
    },
    {
      case: 'uses a plugin without command',
      text: () => single({}, { exec: { ...exec, command: '' } }),
      code: 'exec-invalid',
      message: 'no command',
    },
    {
      case: 'uses a removed auth-provider',
      text: () => single({}, { 'auth-provider': { name: 'gcp' } }),
      code: 'auth-unsupported',
      message: '"gcp"',
    },
  ])('$case', async ({ text, code, message }) => {
    const path = await write('case', text());
    const { contexts } = await read(path);
    expect(contexts[0]?.problem?.code).toBe(code);
    expect(contexts[0]?.problem?.message ?? '').toContain(message);
  });

  it('can be opened once the file it lacks is there', async () => {
    const path = await write('late', single({ 'certificate-authority': 'late.crt' }));
    const [context] = (await read(path)).contexts;
    const options = { clock: new ManualClock(), env: {} };
    await expect(connectionOf(context!, options)).rejects.toMatchObject({ code: 'certificate-missing' });
    await write('late.crt', ca);
    expect((await connectionOf(context!, options)).trust).toMatchObject({ ca, insecureSkipVerify: false });
  });

  it.each([
    ['h:8080', {}, 'http://h:8080'],
    ['h:6443', { 'insecure-skip-tls-verify': true }, 'https://h:6443'],
    ['https://h', {}, 'https://h'],
  ])('with the server %s %j goes to %s', (server, fields, want) => {
    const kubeconfig = mergeKubeconfigs([parseKubeconfig('/k', single({ server, ...fields }))]);
    expect(serverUrl(kubeconfig.clusters.get('k')!)).toBe(want);
  });
});

describe('a watched kubeconfig', () => {
  it('is read again when it changes, is replaced, goes and comes', async () => {
    const clock = new ManualClock();
    await using scope = new Scope('test');
    const path = await write('watched', single({}));
    const linked = join(folder, 'link');
    await symlink(path, linked);
    const watched = await watchKubeconfig({ paths: [linked], named: true }, { clock, scope });
    const names = () => watched.state.contexts.map((context) => context.name);
    const changed = async () => {
      const told = new Promise<void>((resolve) => {
        const held = watched.subscribe(() => {
          held[Symbol.dispose]();
          resolve();
        });
      });
      await clock.advance(5000);
      await told;
    };
    expect(names()).toEqual(['c']);
    await writeFile(path, single({}).replace('"name":"c"', '"name":"other"'));
    await changed();
    expect(names()).toEqual(['other']);
    await rm(path);
    await changed();
    expect(names()).toEqual([]);
    await writeFile(path, single({}));
    await changed();
    expect(names()).toEqual(['c']);
  });
});
