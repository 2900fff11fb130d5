import { failure, unforeseen } from '#common/kube/status-error';
import type { LogQuery } from '#main/base/node-api';
import { readScalar, ScalarProblem } from '#main/sandbox/machinery/scalars';
import { forbiddenField, invalidValue, must } from '#main/sandbox/registry/field-errors';
import { badRequest, invalid } from '#main/sandbox/registry/status-errors';
import type { ApiResponse } from '../api-request';
import { bytesResponse } from '../bodies';
import type { ResourceExchange } from '../exchange';
import { isTrue } from '../request-info';
import { containerOf, kubeletOf, podOf, refOf, refused } from './pod-on-node';

const OPTIONS = { group: '', kind: 'PodLogOptions' };

/** The log of a container, as it is or as it grows. */
export async function podLog(exchange: ResourceExchange): Promise<ApiResponse> {
  const { request, info, server } = exchange;
  mustBePlain(request.headers['accept']);
  const options = optionsOf(request.query);
  mustBeValid(options, info.name);
  const pod = podOf(exchange);
  const container = containerOf(pod, request.query.get('container'));
  const { nodeName } = pod.spec;
  // A Pod that is on no node yet has no log.
  if (!nodeName) return { status: 204, headers: {} };
  const { address, node } = kubeletOf(exchange, nodeName);
  const ref = refOf(pod);
  if (!node) {
    const url = `https://${address}/containerLogs/${ref.namespace}/${ref.name}/${container}`;
    throw unforeseen(`Get "${url}": ${refused(address)}`);
  }
  const query: LogQuery = { ...options.flags, ...sinceOf(options, server.clock.now()), container };
  if (options.tailLines !== undefined) query.tailLines = options.tailLines;
  if (options.limitBytes !== undefined) query.limitBytes = options.limitBytes;
  return bytesResponse(await node.logs(ref, query, request.signal), { 'content-type': 'text/plain' });
}

/** Logs are text, but what a client asks for is judged as if they were objects. */
function mustBePlain(accept: string | undefined): void {
  if (!accept) return;
  const clauses = accept.split(',').map((clause) => clause.trim().toLowerCase());
  if (clauses.some((clause) => OBJECT_TYPES.has(clause.split(';', 1)[0] ?? '') && !/;\s*as=/.test(clause))) return;
  const types = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
  const isRouted = clauses.some((clause) => /^(?:text\/plain|application\/(?:json|yaml|vnd\.kubernetes))/.test(clause));
  if (isRouted) throw failure(406, 'NotAcceptable', `only the following media types are accepted: ${types}`);
  const list = `text/plain, ${types}`;
  throw failure(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${list}`, {});
}

const OBJECT_TYPES = new Set([
  '*/*',
  'application/*',
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
]);

interface LogOptions {
  flags: { follow: boolean; previous: boolean; timestamps: boolean };
  tailLines: number | undefined;
  limitBytes: number | undefined;
  sinceSeconds: number | undefined;
  sinceTime: string | undefined;
  /** Only with the feature gate PodLogsQuerySplitStreams, which is off. */
  stream: string | undefined;
}

/** Throws BadRequest for what cannot be read. */
function optionsOf(query: URLSearchParams): LogOptions {
  const flag = (name: string): boolean => isTrue(query.get(name));
  return {
    flags: { follow: flag('follow'), previous: flag('previous'), timestamps: flag('timestamps') },
    sinceSeconds: wholeNumber(query.get('sinceSeconds')),
    sinceTime: time(query.get('sinceTime')),
    tailLines: wholeNumber(query.get('tailLines')),
    limitBytes: wholeNumber(query.get('limitBytes')),
    stream: query.get('stream') ?? undefined,
  };
}

function wholeNumber(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function time(text: string | null): string | undefined {
  if (!text) return undefined;
  try {
    return readScalar(text, 'time') as string;
  } catch (problem) {
    if (problem instanceof ScalarProblem) throw badRequest(problem.message);
    throw problem;
  }
}

function mustBeValid({ tailLines, limitBytes, sinceSeconds, sinceTime, stream }: LogOptions, name: string): void {
  const hasBoth = sinceSeconds !== undefined && sinceTime !== undefined;
  const errors = [
    ...must(tailLines === undefined || tailLines >= 0, () =>
      invalidValue('tailLines', tailLines, 'must be greater than or equal to 0'),
    ),
    ...must(limitBytes === undefined || limitBytes >= 1, () =>
      invalidValue('limitBytes', limitBytes, 'must be greater than 0'),
    ),
    ...must(!hasBoth, () => forbiddenField('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified')),
    ...must(hasBoth || sinceSeconds === undefined || sinceSeconds >= 1, () =>
      invalidValue('sinceSeconds', sinceSeconds, 'must be greater than 0'),
    ),
    ...must(stream === undefined, () => forbiddenField('stream', 'may not be specified')),
  ];
  if (errors.length > 0) throw invalid(OPTIONS, name, errors);
}

function sinceOf({ sinceSeconds, sinceTime }: LogOptions, nowMs: number): Pick<LogQuery, 'sinceMs'> {
  if (sinceTime) return { sinceMs: Date.parse(sinceTime) };
  return sinceSeconds === undefined ? {} : { sinceMs: nowMs - sinceSeconds * 1000 };
}
