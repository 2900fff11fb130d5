/** What a kubelet asks of a running container: commands, requests and connections of probes and lifecycle hooks. */
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import { sleep, type Clock } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import type { Container as ContainerSpecObject, Probe } from '#common/kube/types';
import { orAborted } from '#main/base/linked-abort';
import type { Container } from '../containers/container';
import type { DirectAnswer } from '../containers/direct-request';
import { checkHealth } from './grpc-health';

export interface CheckTarget {
  clock: Clock;
  spec: ContainerSpecObject;
  container: Container;
}

/** `errored` is neither: the kubelet could not ask, and the answer counts for nothing. */
export type Verdict = { outcome: 'healthy' } | { outcome: 'warning' | 'unhealthy' | 'errored'; message: string };

const HEALTHY: Verdict = { outcome: 'healthy' };
const unhealthy = (message: string): Verdict => ({ outcome: 'unhealthy', message });
const AGENT = 'kube-probe/1.36';
/** What a kubelet keeps of a probe's output (maxRespBodyLength, maxReadLength). */
const MOST_OUTPUT = 10 * 1024;

/** Runs a probe once, for as long as it may take. */
export async function probeVerdict(probe: Probe, target: CheckTarget): Promise<Verdict> {
  const seconds = probe.timeoutSeconds ?? 1;
  const limit = new AbortController();
  const timer = target.clock.after(seconds * 1000, () => limit.abort());
  try {
    if (probe.exec) return await execVerdict(probe.exec.command ?? [], target, { seconds, signal: limit.signal });
    if (probe.httpGet) return await httpVerdict(probe.httpGet, target, limit.signal);
    if (probe.grpc) return await grpcVerdict(probe.grpc, target, { seconds, signal: limit.signal });
    return probe.tcpSocket ? tcpVerdict(probe.tcpSocket, target) : HEALTHY;
  } finally {
    timer[Symbol.dispose]();
  }
}

interface Limit {
  seconds: number;
  signal: AbortSignal;
}

async function execVerdict(command: readonly string[], target: CheckTarget, limit: Limit): Promise<Verdict> {
  const { code, message, output } = await execOutcome(command, target.container, limit.signal);
  if (limit.signal.aborted)
    return unhealthy(`command timed out: "${command.join(' ')}" timed out after ${limit.seconds}s`);
  if (message !== undefined) return { outcome: 'errored', message: `rpc error: code = Unknown desc = ${message}` };
  return code === 0 ? HEALTHY : unhealthy(output.slice(0, MOST_OUTPUT));
}

/**
 * Runs a command in a container to its end. Whoever made the Pod knows the commands of the image: in one that nobody
 * else knows they are there, and all is well.
 */
export async function execOutcome(command: readonly string[], container: Container, signal: AbortSignal) {
  await container.adopt(command, 'true');
  const streams = container.exec(command, { stdin: false, tty: false });
  signal.addEventListener('abort', () => streams.kill(), { once: true });
  const output: string[] = [];
  const drains = [streams.stdout, streams.stderr].map(async (chunks) => {
    for await (const chunk of chunks) output.push(Buffer.from(chunk).toString('utf8'));
  });
  const { code, message } = await streams.exit;
  await Promise.all(drains);
  return { code, message, output: output.join('') };
}

type HttpGet = NonNullable<Probe['httpGet']>;

async function httpVerdict(httpGet: HttpGet, target: CheckTarget, signal: AbortSignal): Promise<Verdict> {
  const answer = await httpAnswer(httpGet, target, signal);
  if ('failure' in answer) return unhealthy(answer.failure);
  if (answer.status < 200 || answer.status >= 400) {
    return unhealthy(`HTTP probe failed with statuscode: ${answer.status}`);
  }
  return answer.isElsewhere
    ? { outcome: 'warning', message: `Probe terminated redirects, Response body: ${answer.body}` }
    : HEALTHY;
}

type HttpAnswer = { status: number; body: string; isElsewhere: boolean } | { failure: string };

/** One GET as net/http makes it, with its words for what goes wrong. */
export function httpAnswer(httpGet: HttpGet, target: CheckTarget, signal: AbortSignal): Promise<HttpAnswer> {
  const { container, spec } = target;
  const port = portOf(httpGet.port, spec);
  const host = httpGet.host ?? container.spec.ip;
  const path = httpGet.path ? `/${httpGet.path.replace(/^\//, '')}` : '/';
  const scheme = httpGet.scheme === 'HTTPS' ? 'https' : 'http';
  const place = { scheme, host, port, path, get: `Get "${scheme}://${host}:${port}${path}"` } as const;
  const direct = httpGet.httpHeaders?.length
    ? undefined
    : container.ask(port, { scheme, url: path, headers: own(place) });
  return direct ? within(signal, direct, place) : connectedAnswer(httpGet, container, { ...place, signal });
}

interface Place {
  scheme: 'http' | 'https';
  host: string;
  port: number;
  path: string;
  /** How Go begins its errors. */
  get: string;
}

/** What a probe says of itself. */
const own = ({ host, port }: Place) => ({ 'user-agent': AGENT, accept: '*/*', host: `${host}:${port}` });

/** The answer of a program that was asked without a connection: two TLS handshakes a second would be the most that an idle cluster does. */
async function within(signal: AbortSignal, answer: Promise<DirectAnswer>, { get, host }: Place): Promise<HttpAnswer> {
  try {
    const { status, body, location } = await orAborted(answer, signal);
    return { status, ...readAnswer(status, Buffer.from(body), { location, host }) };
  } catch {
    return { failure: `${get}: ${signal.aborted ? TIMED_OUT : 'EOF'}` };
  }
}

function readAnswer(status: number, body: Buffer, { location, host }: { location: string | undefined; host: string }) {
  const isElsewhere = status >= 300 && leadsAway(location, host);
  return { body: body.toString('utf8').slice(0, MOST_OUTPUT), isElsewhere };
}

function connectedAnswer(
  { httpHeaders = [] }: HttpGet,
  container: Container,
  { signal, host, port, path, get, scheme }: Place & { signal: AbortSignal },
): Promise<HttpAnswer> {
  const isSecure = scheme === 'https';
  const connection = container.dial(port);
  if (!connection) return Promise.resolve({ failure: `${get}: ${refusal(host, port)}` });
  const headers = Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value]));
  return new Promise((resolve) => {
    const fail = (text: string) => {
      connection.destroy();
      resolve({ failure: `${get}: ${text}` });
    };
    if (signal.aborted) fail(TIMED_OUT);
    signal.addEventListener('abort', () => fail(TIMED_OUT), { once: true });
    const options = { path, headers: { 'User-Agent': AGENT, Accept: '*/*', Host: `${host}:${port}`, ...headers } };
    const asked = request({ ...options, createConnection: () => (isSecure ? overTls(connection) : connection) });
    asked.on('response', (response) => {
      const { statusCode = 0, headers: answered } = response;
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        connection.destroy();
        resolve({
          status: statusCode,
          ...readAnswer(statusCode, Buffer.concat(parts), { location: answered.location, host }),
        });
      });
    });
    asked.on('error', (failure: NodeJS.ErrnoException) => fail(httpFailure(failure, isSecure)));
    asked.end();
  });
}

let unverified: SecureContext | undefined;

/** A kubelet believes any certificate; a context for each probe would load the system's authorities each time. */
function overTls(connection: Duplex): Duplex {
  unverified ??= createSecureContext({ ca: [] });
  return connectTls({ socket: connection, secureContext: unverified, rejectUnauthorized: false });
}

const TIMED_OUT = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';

function leadsAway(location: string | undefined, host: string): boolean {
  return location !== undefined && URL.canParse(location) && new URL(location).hostname !== host;
}

function httpFailure(failure: NodeJS.ErrnoException, isSecure: boolean): string {
  if (isSecure && /wrong version|EPROTO|packet length/i.test(`${failure.code} ${failure.message}`)) {
    return 'http: server gave HTTP response to HTTPS client';
  }
  return /ECONNRESET|hang up/.test(`${failure.code} ${failure.message}`) ? 'EOF' : failure.message;
}

function tcpVerdict({ port, host }: NonNullable<Probe['tcpSocket']>, { container, spec }: CheckTarget): Verdict {
  const number = portOf(port, spec);
  const connection = container.dial(number);
  connection?.destroy();
  return connection ? HEALTHY : unhealthy(refusal(host ?? container.spec.ip, number));
}

async function grpcVerdict(grpc: NonNullable<Probe['grpc']>, target: CheckTarget, limit: Limit): Promise<Verdict> {
  const address = `${target.container.spec.ip}:${grpc.port}`;
  const connection = target.container.dial(grpc.port);
  const lost = `timeout: failed to connect service "${address}" within ${limit.seconds}s: context deadline exceeded`;
  if (!connection) {
    // The client tries again until its time is over.
    await sleep(target.clock, limit.seconds * 1000, limit.signal).catch(() => undefined);
    return unhealthy(lost);
  }
  limit.signal.addEventListener('abort', () => connection.destroy(), { once: true });
  return checkHealth(connection as Duplex, { service: grpc.service ?? '', agent: AGENT }).then(
    ({ status, code, message }) => {
      if (status === 'SERVING') return HEALTHY;
      if (status !== undefined) return unhealthy(`service unhealthy (responded with "${status}")`);
      if (code === 12) {
        return unhealthy(`this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`);
      }
      return unhealthy(`health rpc probe failed: rpc error: code = ${CODES[code] ?? code} desc = ${message}`);
    },
    (failure) => unhealthy(limit.signal.aborted ? lost : `error: health rpc probe failed: ${messageOf(failure)}`),
  );
}

const CODES: Readonly<Record<number, string>> = { 2: 'Unknown', 5: 'NotFound', 13: 'Internal', 14: 'Unavailable' };

const refusal = (host: string, port: number): string => `dial tcp ${host}:${port}: connect: connection refused`;

function portOf(port: number | string, { ports = [] }: ContainerSpecObject): number {
  if (typeof port === 'number') return port;
  return ports.find(({ name }) => name === port)?.containerPort ?? Number(port);
}
