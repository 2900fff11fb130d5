/** What Go's packages and client-go say when a webhook cannot be reached, or does not answer as it should. */
import { parse } from 'yaml';
import { syntaxErrorOf } from '#main/sandbox/codec/json-scan';
import { goKind } from '#main/sandbox/machinery/scalars';

interface Place {
  host: string;
  port: string;
}

const UNKNOWN_AUTHORITY = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
const NO_TLS = 'ERR_SSL_WRONG_VERSION_NUMBER';
const BAD_CERTIFICATE = 'tls: failed to verify certificate: x509:';

/** Why there is no connection, or why it ended. */
export function connectionProblem(problem: NodeJS.ErrnoException, { host, port }: Place): string {
  const code = problem.code ?? '';
  if (UNKNOWN_AUTHORITY.has(code)) return `${BAD_CERTIFICATE} certificate signed by unknown authority`;
  switch (code) {
    case 'ECONNREFUSED':
      return `dial tcp ${host}:${port}: connect: connection refused`;
    case 'ENOTFOUND':
      return `dial tcp: lookup ${host}: no such host`;
    case 'EHOSTUNREACH':
      return `dial tcp ${host}:${port}: connect: no route to host`;
    case 'ECONNRESET':
      return 'EOF';
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return `${BAD_CERTIFICATE} certificate has expired or is not yet valid`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `${BAD_CERTIFICATE} ${nameProblem(problem, host)}`;
    case NO_TLS:
      return 'http: server gave HTTP response to HTTPS client';
    default:
      return problem.message.includes('wrong version number')
        ? 'http: server gave HTTP response to HTTPS client'
        : problem.message;
  }
}

function nameProblem(problem: Error, host: string): string {
  const { cert } = problem as { cert?: { subjectaltname?: string } };
  const names = (cert?.subjectaltname ?? '').split(', ').filter((one) => one !== '');
  const isAddress = /^[\d.]+$|:/.test(host);
  const fitting = names.filter((one) => one.startsWith('IP Address:') === isAddress);
  if (fitting.length === 0 && isAddress)
    return `cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
  if (fitting.length === 0) return `certificate is not valid for any names, but wanted to match ${host}`;
  return `certificate is valid for ${fitting.map((one) => one.slice(one.indexOf(':') + 1)).join(', ')}, not ${host}`;
}

/** What came back over HTTP. */
export interface Answered {
  code: number;
  contentType: string;
  text: string;
}

const LONGEST_FOREIGN_TEXT = 2048;

/** The document of an answer; throws Error in the words of client-go's rest client. */
export function documentOf({ code, contentType, text }: Answered): unknown {
  if (code < 200 || code > 206)
    throw new Error(statusMessage(text) ?? genericMessage(code, foreignText(contentType, text)));
  if (text === '') {
    const type = contentType || 'application/json';
    throw new Error(`0-length response with status code: ${code} and content type: ${type}`);
  }
  const document = readDocument(text);
  if (document !== null && (typeof document !== 'object' || Array.isArray(document))) {
    const type =
      'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
    const why = `json: cannot unmarshal ${goKind(document)} into Go value of type ${type}`;
    throw new Error(`couldn't get version/kind; json parse error: ${why}`);
  }
  const refusal = statusMessage(text);
  if (refusal !== undefined) throw new Error(refusal);
  return document;
}

/** JSON, or YAML where it cannot be meant for any. */
function readDocument(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    if (/^\s*["[{]/.test(text)) throw new Error(`couldn't get version/kind; json parse error: ${syntaxErrorOf(text)}`);
    return parse(text, { version: '1.1' }) as unknown;
  }
}

/** Only text is repeated. */
function foreignText(contentType: string, text: string): string {
  const isText = contentType === '' || contentType.startsWith('text/');
  return isText ? text.slice(0, LONGEST_FOREIGN_TEXT).trim() : 'unknown';
}

/** The message of a Status that tells of a failure. */
function statusMessage(text: string): string | undefined {
  try {
    const { kind, status, message } = JSON.parse(text) as { kind?: string; status?: string; message?: string };
    return kind === 'Status' && status === 'Failure' ? message : undefined;
  } catch {
    return undefined;
  }
}

const MEANINGS: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

function genericMessage(code: number, text: string): string {
  const meaning = MEANINGS[code];
  if (meaning) return meaning;
  if (code === 406 && (text === '' || text === 'unknown'))
    return 'the server was unable to respond with a content type that the client supports';
  if (code === 403 || code === 406 || code === 415) return text;
  if (code >= 500) return `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`;
  return `the server responded with the status code ${code} but did not return more information`;
}
