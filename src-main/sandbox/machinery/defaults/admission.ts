/** admissionregistration.k8s.io/v1. */
import type {
  MatchResources,
  MutatingAdmissionPolicySpec,
  MutatingWebhook,
  Rule,
  ServiceReference,
  ValidatingAdmissionPolicySpec,
  ValidatingWebhook,
} from '#common/kube/types';
import { rule, type PackageDefaults } from './rule';

export const admissionDefaults: PackageDefaults = {
  prefix: 'io.k8s.api.admissionregistration.v1.',
  rules: {
    MatchResources: rule<MatchResources>(defaultMatching),
    MutatingAdmissionPolicySpec: rule<MutatingAdmissionPolicySpec>(failByDefault),
    MutatingWebhook: rule<MutatingWebhook>((webhook) => {
      defaultWebhook(webhook);
      webhook.reinvocationPolicy ??= 'Never';
    }),
    NamedRuleWithOperations: rule<Rule>(defaultRule),
    RuleWithOperations: rule<Rule>(defaultRule),
    ServiceReference: rule<ServiceReference>((reference) => {
      reference.port ??= 443;
    }),
    ValidatingAdmissionPolicySpec: rule<ValidatingAdmissionPolicySpec>(failByDefault),
    ValidatingWebhook: rule<ValidatingWebhook>(defaultWebhook),
  },
};

function defaultWebhook(webhook: ValidatingWebhook | MutatingWebhook): void {
  failByDefault(webhook);
  defaultMatching(webhook);
  webhook.timeoutSeconds ??= 10;
}

function failByDefault(policy: { failurePolicy?: string }): void {
  policy.failurePolicy ??= 'Fail';
}

function defaultMatching(resources: MatchResources | ValidatingWebhook | MutatingWebhook): void {
  resources.matchPolicy ??= 'Equivalent';
  resources.namespaceSelector ??= {};
  resources.objectSelector ??= {};
}

function defaultRule(rule: Rule): void {
  rule.scope ??= '*';
}
