import type { WebAnswer } from './web-client';
import { messageOf } from '#common/base/errors';
import { ConnectError } from '#main/base/pod-network';
import { UnknownHostError } from '../../name-resolution';
import { bad, ok, within, type Context, type Result, type Surroundings } from './surroundings';
import { CertificateError, fetchOver, parseUrl, portOf } from './web-client';

interface CurlOptions {
  urls: string[];
  method?: string;
  headers: Record<string, string>;
  body?: string;
  output?: string;
  remoteName: boolean;
  writeOut: string;
  ca?: string;
  insecure: boolean;
  head: boolean;
  include: boolean;
  fail: boolean;
  silent: boolean;
  showError: boolean;
  follow: boolean;
  verbose: boolean;
  maxTime?: number;
  connectTimeout?: number;
  retry: number;
}

/** Long names of the options that take a value, by their letter. */
const LETTERS: Readonly<Record<string, string>> = {
  '--request': 'X',
  '--header': 'H',
  '--data': 'd',
  '--data-raw': 'd',
  '--data-binary': 'd',
  '--json': 'json',
  '--output': 'o',
  '--write-out': 'w',
  '--user-agent': 'A',
  '--user': 'u',
  '--max-time': 'm',
  '--cacert': 'cacert',
  '--connect-timeout': 'connect-timeout',
  '--retry': 'retry',
  '--retry-delay': 'ignored',
  '--resolve': 'ignored',
  '--oauth2-bearer': 'bearer',
  '--url': 'url',
};
const FLAGS: Readonly<Record<string, string>> = {
  '--silent': 's',
  '--show-error': 'S',
  '--fail': 'f',
  '--head': 'I',
  '--include': 'i',
  '--insecure': 'k',
  '--location': 'L',
  '--verbose': 'v',
  '--remote-name': 'O',
};
const WITH_VALUE = 'XHdowAumTbcFeYyzCtErPQ';

/** Reads the words after `curl`. */
export function curlOptions(args: readonly string[]): CurlOptions {
  const options: CurlOptions = {
    urls: [],
    headers: {},
    remoteName: false,
    writeOut: '',
    insecure: false,
    head: false,
    include: false,
    fail: false,
    silent: false,
    showError: false,
    follow: false,
    verbose: false,
    retry: 0,
  };
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? '';
    if (word.startsWith('--')) {
      const [name = '', joined] = word.split(/=(.*)/s);
      if (LETTERS[name] !== undefined) setValue(options, LETTERS[name], joined ?? args[++index] ?? '');
      else setFlag(options, FLAGS[name] ?? '');
    } else if (word.startsWith('-') && word.length > 1) {
      for (let at = 1; at < word.length; at++) {
        const letter = word[at] ?? '';
        if (!WITH_VALUE.includes(letter)) setFlag(options, letter);
        else {
          setValue(options, letter, word.slice(at + 1) || (args[++index] ?? ''));
          break;
        }
      }
    } else options.urls.push(word);
  }
  return options;
}

function setFlag(options: CurlOptions, letter: string): void {
  const names: Readonly<Record<string, keyof CurlOptions>> = {
    s: 'silent',
    S: 'showError',
    f: 'fail',
    I: 'head',
    i: 'include',
    k: 'insecure',
    L: 'follow',
    v: 'verbose',
    O: 'remoteName',
  };
  const name = names[letter];
  if (name) Object.assign(options, { [name]: true });
}

function setValue(options: CurlOptions, letter: string, value: string): void {
  const setters: Readonly<Record<string, () => void>> = {
    X: () => (options.method = value),
    H: () => addHeader(options, value),
    d: () => {
      options.body = options.body === undefined ? value : `${options.body}&${value}`;
      options.headers['Content-Type'] ??= 'application/x-www-form-urlencoded';
    },
    json: () => {
      options.body = value;
      Object.assign(options.headers, { 'Content-Type': 'application/json', Accept: 'application/json' });
    },
    o: () => (options.output = value),
    w: () => (options.writeOut = value),
    A: () => (options.headers['User-Agent'] = value),
    u: () => (options.headers['Authorization'] = `Basic ${Buffer.from(value).toString('base64')}`),
    bearer: () => (options.headers['Authorization'] = `Bearer ${value}`),
    m: () => (options.maxTime = Number(value)),
    cacert: () => (options.ca = value),
    'connect-timeout': () => (options.connectTimeout = Number(value)),
    retry: () => (options.retry = Number(value)),
    url: () => options.urls.push(value),
  };
  setters[letter]?.();
}

function addHeader({ headers }: CurlOptions, line: string): void {
  const [name = '', ...rest] = line.split(':');
  headers[name.trim()] = rest.join(':').trim();
}

/** `curl` with its exit codes and messages. */
export async function curl(args: readonly string[], context: Context, around: Surroundings): Promise<Result> {
  const options = curlOptions(args);
  if (options.urls.length === 0) return bad('curl: (2) no URL specified\n', 2);
  const results: Result[] = [];
  for (const url of options.urls) results.push(await fetchUrl(url, options, { context, around }));
  return {
    stdout: results.map(({ stdout }) => stdout).join(''),
    stdoutKind: 'bytes',
    stderr: results.map(({ stderr }) => stderr).join(''),
    exitCode: results.at(-1)?.exitCode ?? 0,
  };
}

interface Place {
  context: Context;
  around: Surroundings;
}

async function fetchUrl(text: string, options: CurlOptions, place: Place): Promise<Result> {
  let url: URL;
  try {
    url = parseUrl(text);
  } catch {
    // The URL parser has no words of its own for this.
    return said(options, 3, 'URL rejected: Malformed input to a URL function');
  }
  if (!/^https?:$/.test(url.protocol)) {
    return said(options, 1, `Protocol "${url.protocol.slice(0, -1)}" not supported`);
  }
  let result = await attempt(url, options, place);
  for (let left = options.retry; left > 0 && result.exitCode !== 0; left--) result = await attempt(url, options, place);
  return result;
}

async function attempt(url: URL, options: CurlOptions, place: Place): Promise<Result> {
  const { around } = place;
  using total = within(around, options.maxTime);
  using connecting = within({ ...around, running: () => total.signal }, options.connectTimeout);
  const startedAtMs = around.clock.now();
  try {
    const answer = await answerOf(url, options, { place, signal: total.signal, connecting: connecting.signal });
    return await written(answer, url, { options, place, tookMs: around.clock.now() - startedAtMs });
  } catch (failure) {
    const tookMs = around.clock.now() - startedAtMs;
    if (total.isOver())
      return said(options, 28, `Operation timed out after ${tookMs} milliseconds with 0 bytes received`);
    if (connecting.isOver()) return said(options, 28, `Connection timed out after ${tookMs} milliseconds`);
    if (around.running().aborted) return bad('', 130);
    return failed(failure, url, { options, tookMs });
  }
}

interface Attempt {
  place: Place;
  signal: AbortSignal;
  connecting: AbortSignal;
}

async function answerOf(first: URL, options: CurlOptions, { place, signal, connecting }: Attempt): Promise<WebAnswer> {
  const { around, context } = place;
  const ca =
    options.ca === undefined ? undefined : await context.fs.readFile(context.fs.resolvePath(context.cwd, options.ca));
  let url = first;
  for (let redirects = 0; ; redirects++) {
    const connection = await around.connect(url.hostname, portOf(url), connecting);
    const method = options.head ? 'HEAD' : (options.method ?? (options.body === undefined ? 'GET' : 'POST'));
    const headers = { 'User-Agent': 'curl/8.14.1', Accept: '*/*', ...options.headers };
    const answer = await fetchOver({
      url,
      method,
      headers,
      body: options.body,
      ca,
      insecure: options.insecure,
      connection,
      signal,
    });
    const { location } = answer.headers;
    const isRedirect = answer.status >= 300 && answer.status < 400 && typeof location === 'string';
    if (!options.follow || !isRedirect || redirects >= 50) return answer;
    url = new URL(location, url);
  }
}

async function written(
  answer: WebAnswer,
  url: URL,
  { options, place, tookMs }: { options: CurlOptions; place: Place; tookMs: number },
): Promise<Result> {
  const { status, body } = answer;
  if (options.fail && status >= 400) return said(options, 22, `The requested URL returned error: ${status}`);
  const head = [`HTTP/${answer.httpVersion} ${status} ${answer.statusText}`, ...answer.headerLines, '', ''].join(
    '\r\n',
  );
  const text = Buffer.concat([Buffer.from(options.head || options.include ? head : ''), body]);
  const { fs, cwd } = place.context;
  const output = options.remoteName ? url.pathname.slice(url.pathname.lastIndexOf('/') + 1) : options.output;
  const after = writeOut(options.writeOut, { status, size: body.length, seconds: tookMs / 1000, url: url.href });
  const stderr = options.verbose ? verbose(answer, url) : '';
  if (output === undefined || output === '-')
    return { ...ok(text.toString('latin1') + after), stdoutKind: 'bytes', stderr };
  if (output !== '/dev/null') await fs.writeFile(fs.resolvePath(cwd, output), text);
  return { ...ok(after), stderr };
}

function verbose({ httpVersion, status, statusText, headerLines }: WebAnswer, url: URL): string {
  const lines = [`HTTP/${httpVersion} ${status} ${statusText}`, ...headerLines, ''];
  const asked = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    'User-Agent: curl/8.14.1',
    'Accept: */*',
    '',
  ];
  return [
    `* Connected to ${url.hostname} port ${portOf(url)}`,
    ...asked.map((line) => `> ${line}`),
    ...lines.map((line) => `< ${line}`),
    '',
  ].join('\n');
}

function writeOut(format: string, values: { status: number; size: number; seconds: number; url: string }): string {
  return format
    .replaceAll('%{http_code}', String(values.status).padStart(3, '0'))
    .replaceAll('%{response_code}', String(values.status).padStart(3, '0'))
    .replaceAll('%{size_download}', String(values.size))
    .replaceAll('%{time_total}', values.seconds.toFixed(6))
    .replaceAll('%{url_effective}', values.url)
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t');
}

function said({ silent, showError, writeOut: format }: CurlOptions, code: number, message: string): Result {
  const after = writeOut(format, { status: 0, size: 0, seconds: 0, url: '' });
  return { stdout: after, stderr: silent && !showError ? '' : `curl: (${code}) ${message}\n`, exitCode: code };
}

function failed(failure: unknown, url: URL, { options, tookMs }: { options: CurlOptions; tookMs: number }): Result {
  if (failure instanceof UnknownHostError) return said(options, 6, `Could not resolve host: ${url.hostname}`);
  if (failure instanceof CertificateError) return said(options, 60, `SSL certificate problem: ${failure.message}`);
  if (failure instanceof ConnectError) {
    const where = `${url.hostname} port ${portOf(url)} after ${tookMs} ms`;
    const isLate = failure.reason === 'timed-out';
    return said(
      options,
      isLate ? 28 : 7,
      `Failed to connect to ${where}: ${isLate ? 'Connection timed out' : 'Could not connect to server'}`,
    );
  }
  if (/ENOENT|no such file/i.test(messageOf(failure))) {
    return said(options, 77, `error setting certificate file: ${options.ca ?? ''}`);
  }
  return said(options, 52, 'Empty reply from server');
}
