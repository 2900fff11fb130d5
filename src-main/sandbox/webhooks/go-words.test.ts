import { describe, expect, it } from 'vitest';
import { connectionProblem, documentOf } from './go-words';

const json = (code: number, value: unknown) => ({
  code,
  contentType: 'application/json',
  text: JSON.stringify(value),
});

describe('documentOf', () => {
  it.each([200, 201, 206])('reads the document of %d', (code) => {
    expect(documentOf(json(code, { a: 1 }))).toEqual({ a: 1 });
  });

  it('reads YAML where it is no JSON', () => {
    expect(documentOf({ code: 200, contentType: 'application/json', text: 'a: 1' })).toEqual({ a: 1 });
  });

  it.each([
    [
      { code: 500, contentType: 'text/plain', text: ' boom\n' },
      'an error on the server ("boom") has prevented the request from succeeding',
    ],
    [{ code: 500, contentType: '', text: '' }, 'an error on the server ("") has prevented the request from succeeding'],
    [json(502, 'boom'), 'an error on the server ("unknown") has prevented the request from succeeding'],
    [json(404, {}), 'the server could not find the requested resource'],
    [json(400, {}), 'the server rejected our request for an unknown reason'],
    [json(503, {}), 'the server is currently unable to handle the request'],
    [{ code: 403, contentType: 'text/plain', text: 'not you' }, 'not you'],
    [json(406, {}), 'the server was unable to respond with a content type that the client supports'],
    [json(418, {}), 'the server responded with the status code 418 but did not return more information'],
    [json(403, { kind: 'Status', status: 'Failure', message: 'not you' }), 'not you'],
    [json(200, { kind: 'Status', status: 'Failure', message: 'not you' }), 'not you'],
    [
      { code: 200, contentType: 'application/json', text: '' },
      '0-length response with status code: 200 and content type: application/json',
    ],
    [
      json(200, [1]),
      `couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    ],
  ])('says of %j: %s', (answered, message) => {
    expect(() => documentOf(answered)).toThrow(new Error(message));
  });
});

describe('connectionProblem', () => {
  const problem = (code: string, more: object = {}) => Object.assign(new Error('as Node says it'), { code, ...more });
  const names = (subjectaltname: string) => ({ cert: { subjectaltname } });

  it.each([
    [problem('ECONNREFUSED'), 'a.example', 'dial tcp a.example:443: connect: connection refused'],
    [problem('ENOTFOUND'), 'a.example', 'dial tcp: lookup a.example: no such host'],
    [problem('ECONNRESET'), 'a.example', 'EOF'],
    [
      problem('SELF_SIGNED_CERT_IN_CHAIN'),
      'a.example',
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    ],
    [
      problem('ERR_TLS_CERT_ALTNAME_INVALID', names('DNS:b.example, DNS:c.example, IP Address:10.0.0.1')),
      'a.example',
      'tls: failed to verify certificate: x509: certificate is valid for b.example, c.example, not a.example',
    ],
    [
      problem('ERR_TLS_CERT_ALTNAME_INVALID', names('DNS:b.example')),
      '10.0.0.2',
      "tls: failed to verify certificate: x509: cannot validate certificate for 10.0.0.2 because it doesn't contain any IP SANs",
    ],
    [problem('ESOMETHING'), 'a.example', 'as Node says it'],
  ])('says of %s at %s: %s', (given, host, message) => {
    expect(connectionProblem(given, { host, port: '443' })).toBe(message);
  });
});
