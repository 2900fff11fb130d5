import type { Exchange } from '../../exchange';
import { accessScript, get, post, remove } from './steps';

/** What a server tells about its keys and about who is asking, and certificates that are none. */

const ACCOUNTS = '/api/v1/namespaces/{ns}/serviceaccounts';
const WHO = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';

const bearer = (token: string, exchange: Exchange, from: string): Exchange => ({
  ...exchange,
  headers: { authorization: `Bearer ${token}` },
  with: { token: from },
  counts: { verb: 'access', detail: 'by token' },
});
const speaking = (name: string, headers: Readonly<Record<string, string>>, body: object = {}): Exchange => ({
  ...post(name, WHO, body),
  headers,
  counts: { verb: 'access', detail: 'as another user' },
});
const review = (name: string, from: string, more: object = {}): Exchange => ({
  ...post(name, REVIEWS, { spec: { token: '{token}', ...more } }),
  with: { token: from },
});

const identity = accessScript('identity', 'authentication.k8s.io', 'SelfSubjectReview', [
  get('issuer', '/.well-known/openid-configuration'),
  get('keys-as-plain-json', '/openid/v1/jwks'),
  { ...get('keys', '/openid/v1/jwks'), accept: 'application/jwk-set+json', only: { keys: [] } },
  { ...get('keys-of-any-type', '/openid/v1/jwks'), accept: '*/*', only: { keys: [] } },
  { ...get('issuer-as-text', '/.well-known/openid-configuration'), accept: 'text/plain' },
  { ...get('issuer-of-nobody', '/.well-known/openid-configuration'), headers: { authorization: 'Bearer nonsense' } },
  { ...get('basic', '/api'), headers: { authorization: 'Basic YTpi' } },
  { ...get('empty-bearer', '/api'), headers: { authorization: 'Bearer ' } },
  { ...get('health-of-nobody', '/healthz'), headers: { authorization: 'Basic YTpi' } },
  post('account', ACCOUNTS, { metadata: { name: 'one' } }),
  post('token', `${ACCOUNTS}/one/token`, { spec: {} }),
  bearer('{token}', post('who', WHO, {}), 'token.status.token'),
  bearer('{token}', get('issuer-by-token', '/.well-known/openid-configuration'), 'token.status.token'),
  bearer('{token}x', get('changed-token', '/api'), 'token.status.token'),
  bearer('a.{token}', get('four-parts', '/api'), 'token.status.token'),
  review('reviewed', 'token.status.token'),
  review('reviewed-elsewhere', 'token.status.token', { audiences: ['elsewhere'] }),
  review('reviewed-both', 'token.status.token', {
    audiences: ['elsewhere', 'https://kubernetes.default.svc.cluster.local'],
  }),
  post('reviewed-empty', REVIEWS, { spec: {} }),
  post('reviewed-nonsense', REVIEWS, { spec: { token: 'nonsense' } }),
  post('reviewed-named', REVIEWS, { metadata: { name: 'a' }, spec: { token: 'nonsense' } }),
  remove('account-gone', `${ACCOUNTS}/one`),
  speaking('everything', {
    'impersonate-user': 'jane',
    'impersonate-group': 'dev',
    'impersonate-uid': '7',
    'impersonate-extra-scopes': 'a',
    'impersonate-extra-example.com%2fproject': 'b',
  }),
  speaking('extra-upper', { 'impersonate-user': 'jane', 'Impersonate-Extra-Big-Letters': 'c' }),
  speaking('service-account', { 'impersonate-user': 'system:serviceaccount:{ns}:two' }),
  speaking('half-an-account', { 'impersonate-user': 'system:serviceaccount:{ns}' }),
  speaking('with-spec', { 'impersonate-user': 'jane' }, { status: { userInfo: { username: 'joe' } } }),
  speaking('named', { 'impersonate-user': 'jane' }, { metadata: { name: 'x' } }),
  { ...get('who-by-get', WHO), counts: { verb: 'access', detail: 'as another user' } },
]);

export const identityScripts = [identity];
