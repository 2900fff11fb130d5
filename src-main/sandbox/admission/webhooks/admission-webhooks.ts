/** Mutating and validating webhooks of admissionregistration.k8s.io/v1. */
import type { AnyObject } from '#common/kube/object';
import { MutatingWebhookConfigurations, ValidatingWebhookConfigurations } from '#common/kube/resources';
import { ApiStatusError, failure } from '#common/kube/status-error';
import type { MutatingWebhook, ValidatingWebhook } from '#common/kube/types';
import { compiled } from '#main/sandbox/cel/expressions';
import { problemText } from '#main/sandbox/cel/environment';
import { applyJsonPatch } from '#main/sandbox/machinery/patch/json-patch';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { callWebhook, type ServiceDialer } from '#main/sandbox/webhooks/webhook-client';
import type { AdmissionCluster, AdmissionPlugin, AdmissionRequest } from '../plugin';
import { isExempt, matchesRule, matchesSelectors } from '../policy/match-rules';
import { admissionScope } from '../policy/policy-scope';
import { answerOf, deniedBy, reviewOf, type ReviewAnswer } from './admission-review';

type Webhook = MutatingWebhook | ValidatingWebhook;

/** `dialer` reaches webhooks that run behind Services of the cluster; without it only those with a URL answer. */
export function mutatingWebhooks(dialer?: ServiceDialer): AdmissionPlugin {
  return {
    name: 'MutatingAdmissionWebhook',
    async mutate(request, cluster) {
      if (isExempt(request)) return;
      const called = webhooksOf(cluster.list(MutatingWebhookConfigurations));
      const again: MutatingWebhook[] = [];
      for (const webhook of called) {
        const changed = await mutateBy(webhook, request, { cluster, dialer });
        if (changed)
          again.splice(0, again.length, ...again.filter((one) => one !== webhook), ...earlier(called, webhook));
      }
      for (const webhook of again) {
        if (webhook.reinvocationPolicy === 'IfNeeded') await mutateBy(webhook, request, { cluster, dialer });
      }
    },
  };
}

/** As mutating ones, all at the same time. */
export function validatingWebhooks(dialer?: ServiceDialer): AdmissionPlugin {
  return {
    name: 'ValidatingAdmissionWebhook',
    async validate(request, cluster) {
      if (isExempt(request)) return;
      const called = webhooksOf(cluster.list(ValidatingWebhookConfigurations));
      await Promise.all(called.map((webhook) => ask(webhook, request, { cluster, dialer })));
    },
  };
}

interface Surroundings {
  cluster: AdmissionCluster;
  dialer: ServiceDialer | undefined;
}

function webhooksOf<T extends Webhook>(configurations: Iterable<{ metadata: { name: string }; webhooks?: T[] }>): T[] {
  const sorted = [...configurations].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return sorted.flatMap(({ webhooks = [] }) => webhooks);
}

function earlier(all: readonly MutatingWebhook[], webhook: MutatingWebhook): MutatingWebhook[] {
  return all.slice(0, all.indexOf(webhook));
}

/** Whether the object was changed. */
async function mutateBy(webhook: MutatingWebhook, request: AdmissionRequest, around: Surroundings): Promise<boolean> {
  const answer = await ask(webhook, request, around);
  const { object } = request;
  if (!answer?.patch || !object) return false;
  const patched = applyJsonPatch(object, answer.patch);
  if (sameValue(patched, object)) return false;
  for (const field of Object.keys(object)) delete object[field];
  Object.assign(object, patched as AnyObject);
  return true;
}

/** The answer of a webhook that is about the request and allows it. Throws ApiStatusError when it refuses. */
async function ask(
  webhook: Webhook,
  request: AdmissionRequest,
  around: Surroundings,
): Promise<ReviewAnswer | undefined> {
  if (!isAbout(webhook, request, around.cluster)) return undefined;
  refuseDryRun(webhook, request);
  let answer: ReviewAnswer;
  try {
    const body = reviewOf(request);
    const { clientConfig: config, timeoutSeconds = 10 } = webhook;
    const call = { config, body, timeoutSeconds, dialer: around.dialer };
    const review = await callWebhook(call).catch((cause: Error) => {
      throw new Error(`failed to call webhook: ${cause.message}`, { cause });
    });
    answer = answerOf(review, body.request.uid);
  } catch (problem) {
    return failed(webhook, problem);
  }
  request.warnings.push(...answer.warnings);
  if (!answer.allowed) throw deniedBy(webhook.name, answer.status);
  return answer;
}

function isAbout(webhook: Webhook, request: AdmissionRequest, cluster: AdmissionCluster): boolean {
  if (!(webhook.rules ?? []).some((rule) => matchesRule(rule, request))) return false;
  if (!matchesSelectors(webhook, request, cluster)) return false;
  const { matchConditions = [] } = webhook;
  if (matchConditions.length === 0) return true;
  const scope = admissionScope(request, cluster);
  try {
    return matchConditions.every(({ expression }) => compiled(expression)(scope) === true);
  } catch (problem) {
    if (webhook.failurePolicy === 'Ignore') return false;
    const why = `match conditions for webhook ${JSON.stringify(webhook.name)} failed: ${problemText(problem)}`;
    throw failure(403, 'Forbidden', why);
  }
}

/** A webhook with side effects cannot be asked what would happen. */
function refuseDryRun({ name, sideEffects }: Webhook, { dryRun }: AdmissionRequest): void {
  if (!dryRun || sideEffects === 'None' || sideEffects === 'NoneOnDryRun') return;
  throw failure(400, 'BadRequest', `admission webhook ${JSON.stringify(name)} does not support dry run`);
}

function failed({ name, failurePolicy }: Webhook, problem: unknown): undefined {
  if (problem instanceof ApiStatusError) throw problem;
  if (failurePolicy === 'Ignore') return undefined;
  const why = problem instanceof Error ? problem.message : String(problem);
  const message = `failed calling webhook ${JSON.stringify(name)}: ${why}`;
  throw failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}
