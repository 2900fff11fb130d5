import { messageOf } from '#common/base/errors';
import { ConnectError } from '#main/base/pod-network';
import { isAddress, resolveHost, UnknownHostError } from '../../name-resolution';
import { bad, bytes, ok, within, type Context, type Result, type Surroundings } from './surroundings';
import { fetchOver, parseUrl, portOf } from './web-client';

interface WgetOptions {
  url?: string;
  output?: string;
  quiet: boolean;
  spider: boolean;
  showHeaders: boolean;
  insecure: boolean;
  timeout: number;
  body?: string;
  headers: Record<string, string>;
}

/** BusyBox waits this long (GNU's too) when it is not told otherwise. */
const DEFAULT_TIMEOUT_S = 900;
const MOST_REDIRECTS = 20;

/** Reads the words after `wget`, of BusyBox' and GNU's. */
export function wgetOptions(args: readonly string[]): WgetOptions {
  const options: WgetOptions = {
    quiet: false,
    spider: false,
    showHeaders: false,
    insecure: false,
    timeout: DEFAULT_TIMEOUT_S,
    headers: {},
  };
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? '';
    const next = () => args[++index] ?? '';
    if (word.startsWith('--')) longOption(options, word, next);
    else if (word.startsWith('-') && word.length > 1) shortOptions(options, word.slice(1), next);
    else options.url = word;
  }
  return options;
}

function longOption(options: WgetOptions, word: string, next: () => string): void {
  const [name, joined] = word.split(/=(.*)/s);
  const value = () => joined ?? next();
  if (name === '--spider') options.spider = true;
  else if (name === '--quiet') options.quiet = true;
  else if (name === '--no-check-certificate') options.insecure = true;
  else if (name === '--server-response') options.showHeaders = true;
  else if (name === '--timeout') options.timeout = Number(value());
  else if (name === '--post-data') options.body = value();
  else if (name === '--output-document') options.output = value();
  else if (name === '--header') {
    const [key = '', ...rest] = value().split(':');
    options.headers[key.trim()] = rest.join(':').trim();
  }
}

function shortOptions(options: WgetOptions, letters: string, next: () => string): void {
  for (let at = 0; at < letters.length; at++) {
    const letter = letters[at] ?? '';
    const value = () => letters.slice(at + 1) || next();
    if (letter === 'q') options.quiet = true;
    else if (letter === 'S') options.showHeaders = true;
    else if (letter === 'O' || letter === 'T' || letter === 't' || letter === 'P' || letter === 'U') {
      const text = value();
      if (letter === 'O') options.output = text;
      if (letter === 'T') options.timeout = Number(text);
      return;
    }
  }
}

/** `wget`: BusyBox' words, for images that have GNU's too. */
export async function wget(args: readonly string[], context: Context, around: Surroundings): Promise<Result> {
  const options = wgetOptions(args);
  if (options.url === undefined) return bad('wget: missing URL\n');
  using limit = within(around, options.timeout);
  try {
    return await download(parseUrl(options.url), options, { context, around, signal: limit.signal });
  } catch (failure) {
    if (limit.isOver()) return bad('wget: download timed out\n');
    if (around.running().aborted) return bad('', 130);
    return bad(failureText(failure, parseUrl(options.url)));
  }
}

interface Place {
  context: Context;
  around: Surroundings;
  signal: AbortSignal;
}

async function download(first: URL, options: WgetOptions, place: Place): Promise<Result> {
  const { around, context, signal } = place;
  let said = '';
  let url = first;
  for (let redirects = 0; redirects < MOST_REDIRECTS; redirects++) {
    const [address = ''] = await resolveHost(around, url.hostname, signal);
    const where = isAddress(url.hostname)
      ? `${url.hostname} (${address}:${portOf(url)})`
      : `${url.host} (${address}:${portOf(url)})`;
    said += `Connecting to ${where}\n`;
    const connection = await around.connect(address, portOf(url), signal);
    const headers = { 'User-Agent': 'Wget', Connection: 'close', ...options.headers };
    const method = options.body === undefined ? 'GET' : 'POST';
    const { body } = options;
    const answer = await fetchOver({ url, method, headers, body, insecure: true, connection, signal });
    const lines = [`HTTP/${answer.httpVersion} ${answer.status} ${answer.statusText}`, ...answer.headerLines];
    if (options.showHeaders) said += lines.map((line) => `  ${line}\n`).join('');
    const { location } = answer.headers;
    if (answer.status >= 300 && answer.status < 400 && typeof location === 'string') {
      url = new URL(location, url);
      continue;
    }
    if (answer.status >= 400) {
      const failed = `wget: server returned error: HTTP/1.1 ${answer.status} ${answer.statusText}\n`;
      return { stdout: '', stderr: options.quiet ? failed : said + failed, exitCode: 1 };
    }
    if (options.spider) return { ...ok(), stderr: options.quiet ? '' : `${said}remote file exists\n` };
    return saved(answer.body, options, { context, said, url });
  }
  return bad('wget: too many redirections\n');
}

async function saved(
  body: Buffer,
  { output, quiet }: WgetOptions,
  { context, said, url }: { context: Context; said: string; url: URL },
): Promise<Result> {
  const name = output ?? (url.pathname.slice(url.pathname.lastIndexOf('/') + 1) || 'index.html');
  const bar = `${name.slice(0, 20).padEnd(20)} 100% |${'*'.repeat(32)}| ${String(body.length).padStart(5)}  0:00:00 ETA\n`;
  if (name === '-') {
    const stderr = quiet ? '' : `${said}writing to stdout\n${bar.replace(name, '-')}written to stdout\n`;
    return { ...bytes(body), stderr };
  }
  if (name !== '/dev/null') await context.fs.writeFile(context.fs.resolvePath(context.cwd, name), body);
  return { ...ok(), stderr: quiet ? '' : `${said}saving to '${name}'\n${bar}'${name}' saved\n` };
}

function failureText(failure: unknown, url: URL): string {
  if (failure instanceof UnknownHostError)
    return `wget: bad address '${url.hostname}${url.port ? `:${url.port}` : ''}'\n`;
  if (failure instanceof ConnectError) {
    return `wget: can't connect to remote host (${url.hostname}): ${failure.message}\n`;
  }
  return `wget: error getting response: ${messageOf(failure)}\n`;
}
