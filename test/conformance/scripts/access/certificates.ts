import { JANE, MASTER, NODE_CLIENT, NODE_SERVER } from '#test/fixtures/signing-requests';
import type { Exchange } from '../../exchange';
import { accessScript, as, get, merge, post, put, remove, table, tried } from './steps';

/** Certificates that are asked for, approved, denied and signed. */

const GROUP = 'certificates.k8s.io';
const ALL = `/apis/${GROUP}/v1/certificatesigningrequests`;
const CLIENT = 'kubernetes.io/kube-apiserver-client';
const KUBELET = 'kubernetes.io/kube-apiserver-client-kubelet';
const SERVING = 'kubernetes.io/kubelet-serving';
const USAGES = ['digital signature', 'client auth'];

const base64 = (text: string) => Buffer.from(text).toString('base64');
const request = (spec: object = {}, name = 'wrong') => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'CertificateSigningRequest',
  metadata: { name },
  spec: { request: base64(JANE), signerName: CLIENT, usages: USAGES, ...spec },
});
const without = (field: string) => {
  const whole = request();
  return { ...whole, spec: { ...whole.spec, [field]: undefined } };
};

const WRONG: Readonly<Record<string, object>> = {
  whole: request(),
  'no-request': without('request'),
  'no-signer': without('signerName'),
  'no-usages': without('usages'),
  'empty-usages': request({ usages: [] }),
  'unknown-usage': request({ usages: ['client auth', 'flying'] }),
  'usage-twice': request({ usages: ['client auth', 'client auth'] }),
  'no-pem': request({ request: base64('hello') }),
  'other-pem': request({ request: base64(JANE.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE')) }),
  'signer-without-path': request({ signerName: 'example.com' }),
  'signer-without-domain': request({ signerName: 'example/a' }),
  'signer-wrong-domain': request({ signerName: 'Example.com/a' }),
  'signer-wrong-path': request({ signerName: 'example.com/A_b' }),
  'signer-long': request({ signerName: 'a/b/c' }),
  'signer-legacy': request({ signerName: 'kubernetes.io/legacy-unknown' }),
  'too-short': request({ expirationSeconds: 599 }),
  'short-enough': request({ expirationSeconds: 600 }),
  masters: request({ request: base64(MASTER) }),
  'masters-elsewhere': request({ request: base64(MASTER), signerName: 'example.com/a' }),
  'claims-somebody': request({ username: 'root', groups: ['system:masters'], uid: '1', extra: { a: ['b'] } }),
  'status-too': {
    ...request(),
    status: { certificate: base64('x'), conditions: [{ type: 'Approved', status: 'True' }] },
  },
  'free-name': request({}, 'Any Name:1'),
};

const approval = (name: string, conditions: unknown, more: object = {}): Exchange =>
  put(name, `${ALL}/{ns}-jane/approval`, { ...request({}, '{ns}-jane'), status: { conditions }, ...more });
const condition = (type: string, status = 'True', more: object = {}) => ({ type, status, reason: 'Because', ...more });

const rules = accessScript('certificate-rules', GROUP, 'CertificateSigningRequest', [
  ...Object.entries(WRONG).map(([name, body]) => tried(name, ALL, body)),
  as('jane', tried('who-asks', ALL, request()), 'dev'),
]);

const decisions = accessScript('certificate-decisions', GROUP, 'CertificateSigningRequest', [
  post('jane', ALL, request({ expirationSeconds: 3600 }, '{ns}-jane')),
  get('pending', `${ALL}/{ns}-jane`),
  table('pending-table', `${ALL}/{ns}-jane`),
  get('by-signer', `${ALL}?fieldSelector=spec.signerName%3D${encodeURIComponent(CLIENT)}`),
  get('by-nothing', `${ALL}?fieldSelector=spec.username%3Dx`),
  merge('label', `${ALL}/{ns}-jane`, { metadata: { labels: { a: 'b' } } }),
  merge('change-spec', `${ALL}/{ns}-jane`, { spec: { signerName: 'example.com/a', usages: ['any'] } }),
  merge('approve-at-the-main-door', `${ALL}/{ns}-jane`, { status: { conditions: [condition('Approved')] } }),
  merge('approve-through-status', `${ALL}/{ns}-jane/status`, { status: { conditions: [condition('Approved')] } }),
  approval('no-type', [condition('')]),
  approval('no-status', [{ type: 'Approved' }]),
  approval('not-true', [condition('Approved', 'False')]),
  approval('strange-status', [condition('Other', 'Perhaps')]),
  approval('both', [condition('Approved'), condition('Denied')]),
  approval('twice', [condition('Other'), condition('Other', 'False')]),
  approval('approve', [
    condition('Approved', 'True', { message: 'This CSR was approved by kubectl certificate approve.' }),
  ]),
  table('approved-table', `${ALL}/{ns}-jane`),
  get('approval-door', `${ALL}/{ns}-jane/approval`),
  approval('take-back', []),
  approval('deny-then', [condition('Approved'), condition('Denied')]),
  merge('certificate-through-approval', `${ALL}/{ns}-jane/approval`, { status: { certificate: base64('x') } }),
  merge('wrong-certificate', `${ALL}/{ns}-jane/status`, { status: { certificate: base64('x') } }),
  merge('wrong-block', `${ALL}/{ns}-jane/status`, { status: { certificate: base64(JANE) } }),
  merge('failed', `${ALL}/{ns}-jane/status`, {
    status: { conditions: [condition('Approved'), condition('Failed', 'True', { message: 'no' })] },
  }),
  table('failed-table', `${ALL}/{ns}-jane`),
  post('node', ALL, request({ request: base64(NODE_CLIENT), signerName: KUBELET }, '{ns}-node')),
  post(
    'server',
    ALL,
    request(
      {
        request: base64(NODE_SERVER),
        signerName: SERVING,
        usages: ['digital signature', 'key encipherment', 'server auth'],
      },
      '{ns}-server',
    ),
  ),
  put('deny', `${ALL}/{ns}-node/approval`, {
    ...request({}, '{ns}-node'),
    status: { conditions: [condition('Denied')] },
  }),
  table('all-table', ALL),
  remove('jane-gone', `${ALL}/{ns}-jane`),
  remove('node-gone', `${ALL}/{ns}-node`),
  remove('server-gone', `${ALL}/{ns}-server`),
]);

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const signer = (name: string, verb: string) => ({
  apiGroups: [GROUP],
  resources: ['signers'],
  resourceNames: [name],
  verbs: [verb],
});
const requests = {
  apiGroups: [GROUP],
  resources: ['certificatesigningrequests', 'certificatesigningrequests/approval', 'certificatesigningrequests/status'],
  verbs: ['get', 'update', 'patch'],
};
const roleOf = (name: string, rules_: object[]) =>
  post(`role-of-${name}`, `${RBAC}/clusterroles`, { metadata: { name: `{ns}-${name}` }, rules: rules_ });
const bind = (name: string): Exchange =>
  post(`bind-${name}`, `${RBAC}/clusterrolebindings`, {
    metadata: { name: `{ns}-${name}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `{ns}-${name}` },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name }],
  });
const decide = (name: string, user: string) =>
  as(user, merge(name, `${ALL}/{ns}-one/approval`, { status: { conditions: [condition('Approved')] } }));
const sign = (name: string, user: string) =>
  as(
    user,
    merge(name, `${ALL}/{ns}-one/status`, { status: { conditions: [condition('Approved'), condition('Failed')] } }),
  );

const rights = accessScript('certificate-rights', GROUP, 'CertificateSigningRequest', [
  post('one', ALL, request({}, '{ns}-one')),
  roleOf('clerk', [requests]),
  bind('clerk'),
  roleOf('approver', [requests, signer('kubernetes.io/*', 'approve')]),
  bind('approver'),
  roleOf('signer', [requests, signer(CLIENT, 'sign')]),
  bind('signer'),
  decide('approve-refused', 'clerk'),
  decide('approve-as-signer', 'signer'),
  decide('approve-by-domain', 'approver'),
  sign('sign-refused', 'approver'),
  sign('sign-by-name', 'signer'),
  as('clerk', merge('nothing-signed', `${ALL}/{ns}-one/status`, { metadata: { labels: { x: 'y' } } })),
  remove('one-gone', `${ALL}/{ns}-one`),
  ...['clerk', 'approver', 'signer'].flatMap((name) => [
    remove(`${name}-gone`, `${RBAC}/clusterroles/{ns}-${name}`),
    remove(`${name}-unbound`, `${RBAC}/clusterrolebindings/{ns}-${name}`),
  ]),
]);

export const certificateScripts = [rules, decisions, rights];
