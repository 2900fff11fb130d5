/** Questions about who one is and what one may do: nothing is stored, the question comes back with its answer. */
import type { AnyObject } from '#common/kube/object';
import type {
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  TokenReview,
} from '#common/kube/types';
import { apiVersionOf } from '#common/kube/resource';
import { timestamp } from '#common/base/clock';
import { InvalidToken } from '#main/sandbox/authn/token';
import type { User } from '#main/sandbox/authn/user';
import type { AccessAttributes } from '#main/sandbox/authz/attributes';
import type { FieldError } from '#main/sandbox/registry/field-errors';
import { badRequest, invalid } from '#main/sandbox/registry/status-errors';
import type { ApiResponse } from '../api-request';
import type { Exchange } from '../exchange';
import { valueResponse } from '../object-response';
import { readObject } from '../read-object';
import { ownedByWriter } from './owned-by-writer';
import {
  attributeErrors,
  localErrors,
  metadataErrors,
  selectorErrors,
  subjectErrors,
  type AccessSpec,
} from './review-rules';

const AUTHORIZATION = { group: 'authorization.k8s.io', version: 'v1' };
const AUTHENTICATION = { group: 'authentication.k8s.io', version: 'v1' };

export async function selfSubjectAccessReview(exchange: Exchange): Promise<ApiResponse> {
  const review = await read<SelfSubjectAccessReview>(exchange, { ...AUTHORIZATION, kind: 'SelfSubjectAccessReview' });
  refuse([...attributeErrors(review.spec), ...selectorErrors(review.spec), ...metadataErrors(review, 'must be empty')]);
  return answer(exchange, review, { status: verdictOn(exchange, review.spec, exchange.user) });
}

export async function subjectAccessReview(exchange: Exchange): Promise<ApiResponse> {
  const review = await read<SubjectAccessReview>(exchange, { ...AUTHORIZATION, kind: 'SubjectAccessReview' });
  refuse([...specErrors(review.spec), ...metadataErrors(review, 'must be empty')]);
  return answer(exchange, review, { status: verdictOn(exchange, review.spec, subjectOf(review)) });
}

export async function localSubjectAccessReview(exchange: Exchange): Promise<ApiResponse> {
  const kind = 'LocalSubjectAccessReview';
  const review = await read<LocalSubjectAccessReview>(exchange, { ...AUTHORIZATION, kind });
  const { namespace } = exchange.info;
  refuse([
    ...specErrors(review.spec),
    ...metadataErrors(review, 'must be empty except for namespace'),
    ...localErrors(review.spec, namespace),
  ]);
  const placed = { ...review, metadata: { ...review.metadata, namespace } };
  return answer(exchange, placed, { status: verdictOn(exchange, review.spec, subjectOf(review)) });
}

const specErrors = (spec: SubjectAccessReview['spec']) => [
  ...attributeErrors(spec),
  ...subjectErrors(spec),
  ...selectorErrors(spec),
];

export async function selfSubjectRulesReview(exchange: Exchange): Promise<ApiResponse> {
  const kind = 'SelfSubjectRulesReview';
  const review = await read<SelfSubjectRulesReview>(exchange, { ...AUTHORIZATION, kind });
  const { namespace } = review.spec;
  if (!namespace) throw badRequest('no namespace on request');
  const { rules, incomplete, error } = exchange.server.authorizer.report(exchange.user, namespace);
  const resourceRules = rules
    .filter(({ resources }) => resources?.length)
    .map(({ verbs, apiGroups, resources, resourceNames }) => ({
      verbs,
      apiGroups: apiGroups ?? [],
      resources: resources ?? [],
      ...(resourceNames ? { resourceNames } : {}),
    }));
  const nonResourceRules = rules
    .filter(({ nonResourceURLs }) => nonResourceURLs?.length)
    .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs: nonResourceURLs ?? [] }));
  // The answer is a new object: what was asked is not repeated.
  const fresh = { kind, apiVersion: apiVersionOf(AUTHORIZATION), metadata: {}, spec: {} };
  const evaluationError = error ? { evaluationError: error } : {};
  return answer(exchange, fresh, { status: { resourceRules, nonResourceRules, incomplete, ...evaluationError } });
}

export async function selfSubjectReview(exchange: Exchange): Promise<ApiResponse> {
  const review = await readObject(exchange, { ...AUTHENTICATION, kind: 'SelfSubjectReview' });
  const metadata = { creationTimestamp: timestamp(exchange.server.clock) };
  return answer(exchange, { ...review, metadata }, { status: { userInfo: userInfo(exchange.user) } });
}

export async function tokenReview(exchange: Exchange): Promise<ApiResponse> {
  const review = await read<TokenReview>(exchange, { ...AUTHENTICATION, kind: 'TokenReview' });
  const { token, audiences } = review.spec;
  if (!token) throw badRequest('token is required for TokenReview in authentication');
  try {
    const recognized = await exchange.server.authenticator.recognize(token, audiences);
    const status = { authenticated: true, user: userInfo(recognized.user), audiences: recognized.audiences };
    return answer(exchange, review, { status });
  } catch (problem) {
    if (!(problem instanceof InvalidToken)) throw problem;
    const error = problem.message ? `[invalid bearer token, ${problem.message}]` : 'invalid bearer token';
    return answer(exchange, review, { status: { user: {}, error } });
  }
}

async function read<T = AnyObject>(exchange: Exchange, gvk: { group: string; version: string; kind: string }) {
  return ownedByWriter(exchange, await readObject(exchange, gvk), gvk) as unknown as T & AnyObject;
}

function answer(exchange: Exchange, review: object, outcome: { status: object }): ApiResponse {
  return valueResponse(exchange, { ...review, ...outcome }, 201);
}

function verdictOn({ server }: Exchange, spec: AccessSpec, user: AccessAttributes['user']): object {
  const { allowed, reason } = server.authorizer.authorize(attributesOf(spec, user));
  return { allowed, ...(reason ? { reason } : {}) };
}

function attributesOf({ resourceAttributes, nonResourceAttributes }: AccessSpec, user: AccessAttributes['user']) {
  const {
    verb = '',
    group = '',
    resource = '',
    subresource = '',
    name = '',
    namespace = '',
    fieldSelector,
  } = resourceAttributes ?? {};
  const exact = fieldSelector?.requirements?.flatMap(({ key, operator, values = [] }) =>
    operator === 'In' && values.length === 1 ? [[key, values[0] ?? '']] : [],
  );
  const fields = exact?.length ? (Object.fromEntries(exact) as Record<string, string>) : undefined;
  const about = { user, group, resource, subresource, name, namespace, fields };
  if (!nonResourceAttributes) return { ...about, verb };
  return { ...about, verb: nonResourceAttributes.verb ?? '', path: nonResourceAttributes.path ?? '' };
}

/** Errors name no kind: it is not known any more where the rules are asked. */
function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: AUTHORIZATION.group, kind: '' }, '', errors);
}

function subjectOf({ spec }: SubjectAccessReview | LocalSubjectAccessReview): AccessAttributes['user'] {
  const { user = '', groups = [] } = spec;
  return { name: user, groups };
}

function userInfo({ name, uid, groups, extra }: User): object {
  return { username: name, ...(uid ? { uid } : {}), groups, ...(extra ? { extra } : {}) };
}
