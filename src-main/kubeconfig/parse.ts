import { dirname, isAbsolute, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { Problem } from '#common/base/errors';
import type { ClusterEntry, ContextEntry, ExecEntry, KubeconfigFile, UserEntry } from './entries';

type Fields = Readonly<Record<string, unknown>>;

const EXEC_EXTENSION = 'client.authentication.k8s.io/exec';

/** The content of the kubeconfig file at `path`. What cannot be read is left out and told in `problem`. */
export function parseKubeconfig(path: string, text: string): KubeconfigFile {
  const nothing = { path, clusters: [], users: [], contexts: [] };
  if (text.trim() === '') return { ...nothing, problem: emptyFile(path) };
  const lines = new LineCounter();
  // YAML 1.1, as kubectl's parser reads it; merge keys included.
  const document = parseDocument(text, { version: '1.1', merge: true, lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) return { ...nothing, problem: notYaml(path, error.message, lines.linePos(error.pos[0])) };
  const content: unknown = document.toJS({ maxAliasCount: 100 });
  if (content === null) return { ...nothing, problem: emptyFile(path) };
  if (!isFields(content)) return { ...nothing, problem: notKubeconfig(path) };
  return readContent(path, content);
}

function readContent(path: string, content: Fields): KubeconfigFile {
  const looksRight = ['clusters', 'users', 'contexts', 'current-context', 'kind'].some((key) => key in content);
  const currentContext = text(content['current-context']);
  return {
    path,
    ...(looksRight ? {} : { problem: notKubeconfig(path) }),
    clusters: named(content['clusters'], 'cluster').map(([name, fields]) => cluster(path, name, fields)),
    users: named(content['users'], 'user').map(([name, fields]) => user(path, name, fields)),
    contexts: named(content['contexts'], 'context').map(([name, fields]) => context(path, name, fields)),
    ...(currentContext ? { currentContext } : {}),
  };
}

/** The entries of `clusters: [{ name, cluster: {…} }]` that have a name. */
function named(list: unknown, member: string): [string, Fields][] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown): [string, Fields][] => {
    const name = isFields(entry) ? text(entry['name']) : undefined;
    if (!name || !isFields(entry)) return [];
    const fields = entry[member];
    return [[name, isFields(fields) ? fields : {}]];
  });
}

function cluster(file: string, name: string, fields: Fields): ClusterEntry {
  return withoutGaps({
    name,
    file,
    server: text(fields['server']) ?? '',
    certificateAuthority: pathIn(file, fields['certificate-authority']),
    certificateAuthorityData: text(fields['certificate-authority-data']),
    insecureSkipTlsVerify: fields['insecure-skip-tls-verify'] === true,
    tlsServerName: text(fields['tls-server-name']),
    proxyUrl: text(fields['proxy-url']),
    disableCompression: fields['disable-compression'] === true,
    execConfig: extension(fields['extensions'], EXEC_EXTENSION),
  });
}

function user(file: string, name: string, fields: Fields): UserEntry {
  const provider = fields['auth-provider'];
  return withoutGaps({
    name,
    file,
    clientCertificate: pathIn(file, fields['client-certificate']),
    clientCertificateData: text(fields['client-certificate-data']),
    clientKey: pathIn(file, fields['client-key']),
    clientKeyData: text(fields['client-key-data']),
    token: text(fields['token']),
    tokenFile: pathIn(file, fields['tokenFile']),
    username: text(fields['username']),
    password: text(fields['password']),
    exec: isFields(fields['exec']) ? exec(file, fields['exec']) : undefined,
    authProvider: isFields(provider)
      ? { name: text(provider['name']) ?? '', config: texts(provider['config']) }
      : undefined,
    as: text(fields['as']),
    asUid: text(fields['as-uid']),
    asGroups: list(fields['as-groups']),
    asUserExtra: lists(fields['as-user-extra']),
  });
}

function exec(file: string, fields: Fields): ExecEntry {
  const command = text(fields['command']) ?? '';
  const env = Array.isArray(fields['env']) ? fields['env'].filter(isFields) : [];
  return withoutGaps({
    apiVersion: text(fields['apiVersion']) ?? '',
    // A command with a folder in it is relative to the file, a bare name is searched on the PATH.
    command: /[\\/]/.test(command) ? (pathIn(file, command) ?? command) : command,
    args: list(fields['args']),
    env: env.map((variable) => ({ name: text(variable['name']) ?? '', value: text(variable['value']) ?? '' })),
    installHint: text(fields['installHint']),
    provideClusterInfo: fields['provideClusterInfo'] === true,
    interactiveMode: text(fields['interactiveMode']) ?? 'IfAvailable',
  });
}

function context(file: string, name: string, fields: Fields): ContextEntry {
  return withoutGaps({
    name,
    file,
    cluster: text(fields['cluster']) ?? '',
    user: text(fields['user']) ?? '',
    namespace: text(fields['namespace']),
  });
}

function extension(extensions: unknown, name: string): unknown {
  if (!Array.isArray(extensions)) return undefined;
  const found = extensions.find((entry: unknown) => isFields(entry) && entry['name'] === name) as Fields | undefined;
  return found?.['extension'];
}

function pathIn(file: string, value: unknown): string | undefined {
  const path = text(value);
  if (!path) return undefined;
  return isAbsolute(path) ? path : resolve(dirname(file), path);
}

/** Names and tokens that YAML takes for numbers are text here. */
function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' ? String(value) : undefined;
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap((item) => text(item) ?? []) : [];
}

function texts(value: unknown): Record<string, string> {
  if (!isFields(value)) return {};
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (text(item) ? [[key, String(item)]] : [])));
}

function lists(value: unknown): Record<string, string[]> {
  if (!isFields(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, items]) => [key, list(items)]));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type WithoutGaps<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out what is undefined, so that "absent" has one shape. */
function withoutGaps<T extends object>(entry: T): WithoutGaps<T> {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as WithoutGaps<T>;
}

function emptyFile(path: string): Problem {
  return new Problem('kubeconfig-empty', `The kubeconfig file ${path} is empty.`, {
    nextStep: 'Add a context to it, or take it out of $KUBECONFIG.',
  });
}

function notYaml(path: string, message: string, { line, col }: { line: number; col: number }): Problem {
  return new Problem(
    'kubeconfig-not-yaml',
    `The kubeconfig file ${path} is not YAML: line ${line}, column ${col}: ${message}`,
    {
      nextStep: `Correct line ${line} of the file; it is read again when it changes.`,
    },
  );
}

function notKubeconfig(path: string): Problem {
  return new Problem(
    'kubeconfig-unknown',
    `The file ${path} is YAML, but not a kubeconfig: it has no clusters, users or contexts.`,
    {
      nextStep: 'Check the path in $KUBECONFIG.',
    },
  );
}
