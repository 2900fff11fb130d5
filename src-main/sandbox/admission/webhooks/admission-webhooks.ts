/** Mutating and validating webhooks of admissionregistration.k8s.io/v1. */
import type { AnyObject } from '#common/kube/object';
import { groupResource } from '#common/kube/resource';
import { MutatingWebhookConfigurations, ValidatingWebhookConfigurations } from '#common/kube/resources';
import { failure } from '#common/kube/status-error';
import type { MutatingWebhook, ValidatingWebhook } from '#common/kube/types';
import { syntaxErrorOf } from '#main/sandbox/codec/json-scan';
import { applyDefaults } from '#main/sandbox/machinery/defaults/apply-defaults';
import { patchedAsAdmitted } from '#main/sandbox/machinery/patch/admitted-patch';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { callWebhook, NoClient, type ServiceDialer } from '#main/sandbox/webhooks/webhook-client';
import type { AdmissionCluster, AdmissionPlugin, AdmissionRequest } from '../plugin';
import { judgeConditions } from '../policy/match-conditions';
import { isExempt, matchesSelectors } from '../policy/match-rules';
import { admissionScope } from '../policy/policy-scope';
import { seenBy, type SeenRequest } from '../policy/request-form';
import { become } from '../policy/become';
import { aggregate, internalError } from '../refusal';
import { answerOf, deniedBy, reviewOf, type ReviewAnswer } from './admission-review';
import { routedBy } from './service-route';

type Webhook = MutatingWebhook | ValidatingWebhook;

/** `dialer` reaches webhooks that run behind Services of the cluster; without it only those with a URL answer. */
export function mutatingWebhooks(dialer?: ServiceDialer): AdmissionPlugin {
  const name = 'MutatingAdmissionWebhook';
  return {
    name,
    async mutate(request, cluster, reinvocation) {
      if (isExempt(request)) return;
      const called = webhooksOf(cluster.list(MutatingWebhookConfigurations));
      if (called.length === 0) return;
      const rounds = reinvocation.of(name);
      rounds.begin(request.object);
      for (const { webhook, id } of called) {
        const seen = await seenByWebhook(webhook, request, cluster);
        if (!seen || !rounds.runs(id)) continue;
        const changed = await mutateBy(webhook, seen, { request, dialer: routedBy(cluster, dialer) });
        rounds.ran(id, { changed, again: webhook.reinvocationPolicy === 'IfNeeded' });
      }
      rounds.end(request.object);
    },
  };
}

/** As mutating ones, all at the same time. */
export function validatingWebhooks(dialer?: ServiceDialer): AdmissionPlugin {
  return {
    name: 'ValidatingAdmissionWebhook',
    async validate(request, cluster) {
      if (isExempt(request)) return;
      const all = webhooksOf(cluster.list(ValidatingWebhookConfigurations));
      const called: { webhook: ValidatingWebhook; seen: SeenRequest }[] = [];
      for (const { webhook } of all) {
        const seen = await seenByWebhook(webhook, request, cluster);
        if (seen) called.push({ webhook, seen });
      }
      const route = routedBy(cluster, dialer);
      await Promise.all(called.map(({ webhook, seen }) => ask(webhook, seen.request, { route, mayPatch: false })));
    },
  };
}

interface Called<T> {
  webhook: T;
  /** Tells it from all others. */
  id: string;
}

function webhooksOf<T extends Webhook>(
  configurations: Iterable<{ metadata: { name: string }; webhooks?: T[] }>,
): Called<T>[] {
  const sorted = [...configurations].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return sorted.flatMap(({ metadata, webhooks = [] }) =>
    webhooks.map((webhook, at) => ({ webhook, id: `${metadata.name}/${webhook.name}/${at}` })),
  );
}

/** Whether the object was changed. */
async function mutateBy(
  webhook: MutatingWebhook,
  seen: SeenRequest,
  { request, dialer }: { request: AdmissionRequest; dialer: ServiceDialer },
): Promise<boolean> {
  const answer = await ask(webhook, seen.request, { route: dialer, mayPatch: true });
  if (!answer?.patch) return false;
  const { object } = seen.request;
  let operations: unknown;
  try {
    operations = JSON.parse(answer.patch);
  } catch {
    const why = `received undecodable patch in webhook response: ${syntaxErrorOf(answer.patch)}`;
    return failed(webhook, new Error(why)) ?? false;
  }
  if (Array.isArray(operations) && operations.length === 0) return false;
  if (!object) {
    const name = JSON.stringify(webhook.name);
    throw internalError(
      `admission webhook ${name} attempted to modify the object, which is not supported for this operation`,
    );
  }
  if (answer.patchType !== 'JSONPatch') {
    return failed(webhook, new Error(`unsupported patch type ${JSON.stringify(answer.patchType)}`)) ?? false;
  }
  const patched = patchedBy(operations, object, seen.request);
  applyDefaults(patched, seen.request);
  if (sameValue(patched, object)) return false;
  become(request, await seen.stored(patched));
  return true;
}

function patchedBy(operations: unknown, object: AnyObject, request: AdmissionRequest): AnyObject {
  try {
    return patchedAsAdmitted(object, operations, request);
  } catch (problem) {
    throw internalError(problem instanceof Error ? problem.message : String(problem));
  }
}

interface Asking {
  route: ServiceDialer;
  /** Of those that only judge, a change is no answer. */
  mayPatch: boolean;
}

/** The answer of a webhook that allows a request that it is about. Throws ApiStatusError when it refuses. */
async function ask(
  webhook: Webhook,
  request: AdmissionRequest,
  { route, mayPatch }: Asking,
): Promise<ReviewAnswer | undefined> {
  refuseDryRun(webhook, request);
  let answer: ReviewAnswer;
  try {
    const body = reviewOf(request, webhook.admissionReviewVersions);
    const { clientConfig: config, timeoutSeconds = 10 } = webhook;
    const review = await callWebhook({ config, body, timeoutSeconds, dialer: route }).catch((cause: Error) => {
      const what = cause instanceof NoClient ? 'could not get REST client' : 'failed to call webhook';
      throw new Error(`${what}: ${cause.message}`, { cause });
    });
    answer = answerOf(review, body, mayPatch);
  } catch (problem) {
    return failed(webhook, problem);
  }
  request.warnings.push(...answer.warnings);
  if (!answer.allowed) throw deniedBy(webhook.name, answer.status);
  return answer;
}

/** The request in the form that the webhook is about; undefined when it is about something else. */
async function seenByWebhook(
  webhook: Webhook,
  request: AdmissionRequest,
  cluster: AdmissionCluster,
): Promise<SeenRequest | undefined> {
  const seen = await seenBy(webhook.rules ?? [], webhook.matchPolicy, request, cluster);
  if (!seen || !matchesSelectors(webhook, seen.request, cluster)) return undefined;
  if (!webhook.matchConditions?.length) return seen;
  const { holds, problems } = judgeConditions(webhook.matchConditions, admissionScope(seen.request, cluster));
  if (holds) return seen;
  if (problems.length === 0 || webhook.failurePolicy === 'Ignore') return undefined;
  const { group, plural, name } = request;
  const subject = `${groupResource({ group, plural })}${name ? ` ${JSON.stringify(name)}` : ''}`;
  throw failure(403, 'Forbidden', `${subject} is forbidden: ${aggregate(problems)}`, {
    ...(name ? { name } : {}),
    ...(group ? { group } : {}),
    kind: plural,
  });
}

/** A webhook with side effects cannot be asked what would happen. */
function refuseDryRun({ name, sideEffects }: Webhook, { dryRun }: AdmissionRequest): void {
  if (!dryRun || sideEffects === 'None' || sideEffects === 'NoneOnDryRun') return;
  throw failure(400, 'BadRequest', `admission webhook ${JSON.stringify(name)} does not support dry run`);
}

function failed({ name, failurePolicy }: Webhook, problem: unknown): undefined {
  if (failurePolicy === 'Ignore') return undefined;
  const why = problem instanceof Error ? problem.message : String(problem);
  throw internalError(`failed calling webhook ${JSON.stringify(name)}: ${why}`);
}
