/** admissionregistration.k8s.io MutatingWebhookConfiguration and ValidatingWebhookConfiguration. */
import { MutatingWebhookConfigurations, ValidatingWebhookConfigurations } from '#common/kube/resources';
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { duplicateValue, eachInvalid, invalidValue, notSupported, required, type FieldError } from '../field-errors';
import { dns1035Label, dnsSubdomain } from '../names';
import { checkLabelSelector } from '../selector-rules';
import { defineStrategy } from '../strategy';
import { checkOptionalWord } from '../value-rules';
import { webhookClientErrors } from '../webhook-client-rules';
import { checkMatchConditions } from './expression-rules';
import { checkRule, FAILURE_POLICIES, MATCH_POLICIES, REINVOCATION_POLICIES } from './rule-rules';

const SIDE_EFFECTS = ['None', 'NoneOnDryRun', 'Some', 'Unknown'];
const NO_SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
/** Versions of AdmissionReview that the release speaks. */
const VERSIONS = ['v1', 'v1beta1'];
const LONGEST_SECONDS = 30;

export const validatingWebhooksStrategy = defineStrategy<ValidatingWebhookConfiguration>({
  resource: ValidatingWebhookConfigurations,
  validate: ({ webhooks }) => webhookErrors(webhooks),
  validateUpdate: ({ webhooks }, current) => webhookErrors(webhooks, current.webhooks ?? []),
});

export const mutatingWebhooksStrategy = defineStrategy<MutatingWebhookConfiguration>({
  resource: MutatingWebhookConfigurations,
  validate: ({ webhooks }) => webhookErrors(webhooks),
  validateUpdate: ({ webhooks }, current) => webhookErrors(webhooks, current.webhooks ?? []),
});

type Webhook = MutatingWebhook | ValidatingWebhook;

/** What older servers let in may stay; what is new is judged in full. */
interface Strictness {
  sideEffects: readonly string[];
  needsVersion: boolean;
  needsUniqueNames: boolean;
  looksAtConditions: boolean;
}

function strictnessOf(webhooks: readonly Webhook[], current: readonly Webhook[] | undefined): Strictness {
  const before = current ?? [];
  const conditions = (all: readonly Webhook[]) => all.map(({ matchConditions }) => matchConditions ?? []);
  return {
    sideEffects: before.every((one) => NO_SIDE_EFFECTS.includes(one.sideEffects)) ? NO_SIDE_EFFECTS : SIDE_EFFECTS,
    needsVersion: before.every(({ admissionReviewVersions: known = [] }) => known.some(isSpoken) || known.length === 0),
    needsUniqueNames: new Set(before.map(({ name }) => name)).size === before.length,
    looksAtConditions: current === undefined || !sameValue(conditions(webhooks), conditions(before)),
  };
}

const isSpoken = (version: string): boolean => VERSIONS.includes(version);

function webhookErrors(webhooks: readonly Webhook[] = [], current?: readonly Webhook[]): FieldError[] {
  const into: FieldError[] = [];
  const strictness = strictnessOf(webhooks, current);
  for (const [at, webhook] of webhooks.entries()) {
    const path = `webhooks[${at}]`;
    checkWebhook(webhook, strictness, path, into);
    checkVersions(webhook.admissionReviewVersions ?? [], strictness, `${path}.admissionReviewVersions`, into);
    const { name } = webhook;
    if (strictness.needsUniqueNames && name && webhooks.findIndex((one) => one.name === name) < at)
      into.push(duplicateValue(`${path}.name`, name));
  }
  return into;
}

function checkWebhook(webhook: Webhook, strictness: Strictness, path: string, into: FieldError[]): void {
  const { failurePolicy, matchPolicy, sideEffects, timeoutSeconds: seconds } = webhook;
  checkFullName(webhook.name, `${path}.name`, into);
  for (const [at, rule] of (webhook.rules ?? []).entries()) checkRule(rule, `${path}.rules[${at}]`, into);
  checkOptionalWord(failurePolicy, FAILURE_POLICIES, `${path}.failurePolicy`, into);
  checkOptionalWord(matchPolicy, MATCH_POLICIES, `${path}.matchPolicy`, into);
  if ((sideEffects as string | undefined) === undefined)
    into.push(required(`${path}.sideEffects`, `must specify one of ${strictness.sideEffects.join(', ')}`));
  else if (!strictness.sideEffects.includes(sideEffects))
    into.push(notSupported(`${path}.sideEffects`, sideEffects, strictness.sideEffects));
  if (seconds !== undefined && (seconds > LONGEST_SECONDS || seconds < 1)) {
    const detail = `the timeout value must be between 1 and ${LONGEST_SECONDS} seconds`;
    into.push(invalidValue(`${path}.timeoutSeconds`, seconds, detail));
  }
  checkLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`, into);
  checkLabelSelector(webhook.objectSelector, `${path}.objectSelector`, into);
  if ('reinvocationPolicy' in webhook)
    checkOptionalWord(webhook.reinvocationPolicy, REINVOCATION_POLICIES, `${path}.reinvocationPolicy`, into);
  into.push(...webhookClientErrors(webhook.clientConfig ?? {}, `${path}.clientConfig`));
  if (strictness.looksAtConditions)
    checkMatchConditions(webhook.matchConditions, false, `${path}.matchConditions`, into);
}

/** `name.example.com`. */
function checkFullName(name: string | undefined, path: string, into: FieldError[]): void {
  if (!name) {
    into.push(required(path));
    return;
  }
  const texts = dnsSubdomain(name);
  eachInvalid(into, path, name, texts);
  if (texts.length === 0 && name.split('.').length < 3)
    into.push(invalidValue(path, name, 'should be a domain with at least three segments separated by dots'));
}

function checkVersions(versions: readonly string[], strictness: Strictness, path: string, into: FieldError[]): void {
  if (versions.length === 0) {
    into.push(required(path, `must specify one of ${VERSIONS.join(', ')}`));
    return;
  }
  for (const [at, version] of versions.entries()) {
    if (versions.indexOf(version) < at) into.push(invalidValue(`${path}[${at}]`, version, 'duplicate version'));
    else eachInvalid(into, `${path}[${at}]`, version, dns1035Label(version));
  }
  if (strictness.needsVersion && !versions.some(isSpoken))
    into.push(invalidValue(path, versions, `must include at least one of ${VERSIONS.join(', ')}`));
}
