import { isAbort, messageOf, Problem } from '#common/base/errors';

/** Where a connection was meant to go. */
export interface Target {
  /** `host:port` of the server. */
  server: string;
  /** The proxy in between, without credentials. */
  proxy?: string | undefined;
}

interface Cause {
  message: string;
  nextStep: string;
}

/** True for a `Problem` that only says that time ran out: a busy server looks like a dead one at first. */
export function isTimeout(failure: unknown): boolean {
  return failure instanceof Problem && failure.cause instanceof AnswerTimeout;
}

/** A failed connection as a person can act on it: the real cause in words, and what to do next. */
export function connectionProblem(failure: unknown, target: Target): unknown {
  if (failure instanceof Problem || isAbort(failure)) return failure;
  const { message, nextStep } = causeOf(failure, target);
  const code = codeOf(failure);
  const details = [
    messageOf(failure),
    code && `code: ${code}`,
    `server: ${target.server}`,
    target.proxy && `proxy: ${target.proxy}`,
  ];
  return new Problem('unreachable', message, { nextStep, cause: failure, details: details.filter(Boolean).join('\n') });
}

/** A failure on the way through the proxy rather than at the server. */
export class ProxyFailure extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ProxyFailure';
  }
}

/** Nothing came in the time there was. */
export class AnswerTimeout extends Error {
  constructor(what: 'connection' | 'answer', timeoutMs: number) {
    super(`no ${what} within ${timeoutMs / 1000} seconds`);
    this.name = 'AnswerTimeout';
  }
}

function causeOf(failure: unknown, target: Target): Cause {
  if (failure instanceof ProxyFailure) {
    return {
      message: `The proxy ${target.proxy ?? ''} does not lead to ${target.server}: ${failure.message}.`,
      nextStep: 'Check proxy-url of the cluster in the kubeconfig file, or the HTTPS_PROXY environment variable.',
    };
  }
  if (failure instanceof AnswerTimeout) {
    return {
      message: `${target.server} does not answer: ${failure.message}.`,
      nextStep: 'Check that the server runs and that the network, VPN or firewall lets you reach it.',
    };
  }
  const describe = byCode[codeOf(failure) ?? ''];
  return describe?.(target, failure) ?? other(target, failure);
}

function other({ server }: Target, failure: unknown): Cause {
  return {
    message: `The connection to ${server} failed: ${messageOf(failure)}.`,
    nextStep: 'Try again; copy the details if it stays.',
  };
}

const refused = ({ server }: Target): Cause => ({
  message: `${server} refuses the connection: nothing listens there.`,
  nextStep: 'Check that the cluster runs and that the server URL and port of the context are right.',
});
const unknownHost = ({ server }: Target): Cause => ({
  message: `The name of ${server} cannot be resolved (DNS).`,
  nextStep: 'Check the server URL of the context, your network and VPN.',
});
const noRoute = ({ server }: Target): Cause => ({
  message: `There is no network route to ${server}.`,
  nextStep: 'Check your network and VPN.',
});
const timedOut = ({ server }: Target): Cause => ({
  message: `${server} does not answer in time.`,
  nextStep: 'Check that the server runs and that the network, VPN or firewall lets you reach it.',
});
const broken = ({ server }: Target): Cause => ({
  message: `The connection to ${server} was cut.`,
  nextStep: 'It is tried again by itself; check network and VPN if it stays.',
});
const unknownAuthority = ({ server }: Target): Cause => ({
  message: `The TLS certificate of ${server} is signed by an authority that is not trusted here.`,
  nextStep: 'Set certificate-authority of the cluster in the kubeconfig file to the cluster\u2019s own CA.',
});
const expired = ({ server }: Target, failure: unknown): Cause => ({
  message: `The TLS certificate of ${server} is not valid now: ${messageOf(failure)}.`,
  nextStep: 'Renew the server\u2019s certificate, and check this computer\u2019s clock.',
});
const otherName = ({ server }: Target, failure: unknown): Cause => ({
  message: `The TLS certificate of ${server} is for another name: ${reasonText(failure)}`,
  nextStep: 'Use a name of the certificate in the server URL, or set tls-server-name of the cluster.',
});
const notTls = ({ server }: Target): Cause => ({
  message: `${server} does not speak TLS: it seems to be plain HTTP, or not an API server.`,
  nextStep: 'Check the server URL of the context: http:// or https://, and the port.',
});
const notHttp = ({ server }: Target): Cause => ({
  message: `What answers on ${server} is not an HTTP server.`,
  nextStep: 'Check the server URL of the context: http:// or https://, and the port.',
});
const clientCertificate = ({ server }: Target, failure: unknown): Cause => ({
  message: `${server} does not accept the client certificate: ${messageOf(failure)}.`,
  nextStep: 'Renew the client certificate of the user in the kubeconfig file.',
});
const badPem = (_: Target, failure: unknown): Cause => ({
  message: `A certificate or key of the context cannot be read: ${messageOf(failure)}.`,
  nextStep: 'Check certificate-authority, client-certificate and client-key in the kubeconfig file.',
});

const byCode: Readonly<Record<string, (target: Target, failure: unknown) => Cause>> = {
  ECONNREFUSED: refused,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute,
  ENETDOWN: noRoute,
  EADDRNOTAVAIL: noRoute,
  ETIMEDOUT: timedOut,
  ECONNRESET: broken,
  ECONNABORTED: broken,
  EPIPE: broken,
  ERR_STREAM_PREMATURE_CLOSE: broken,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  CERT_UNTRUSTED: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_HAS_EXPIRED: expired,
  CERT_NOT_YET_VALID: expired,
  ERR_TLS_CERT_ALTNAME_INVALID: otherName,
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
  EPROTO: notTls,
  HPE_INVALID_CONSTANT: notHttp,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: clientCertificate,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: clientCertificate,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: clientCertificate,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: clientCertificate,
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: badPem,
  ERR_OSSL_PEM_NO_START_LINE: badPem,
  ERR_OSSL_PEM_BAD_BASE64_DECODE: badPem,
  ERR_OSSL_UNSUPPORTED: badPem,
};

function codeOf(failure: unknown): string | undefined {
  if (typeof failure !== 'object' || failure === null) return undefined;
  // Node tries every address of a name and gathers the failures; the first stands for all.
  if (failure instanceof AggregateError && failure.errors.length > 0) return codeOf(failure.errors[0]);
  return 'code' in failure && typeof failure.code === 'string' ? failure.code : undefined;
}

function reasonText(failure: unknown): string {
  return failure instanceof Error && 'reason' in failure ? String(failure.reason) : messageOf(failure);
}
