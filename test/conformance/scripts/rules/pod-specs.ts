import type { Script } from '../../exchange';
import { rules, tries, type Cases } from './family';
import { POD } from './kind-paths';
import { CONTAINER, POD_BASE, ofSpec } from './pod-bases';

const LONG = 'x'.repeat(64);
const expression = (key: string, operator: string, values?: string[]) => ({
  key,
  operator,
  ...(values ? { values } : {}),
});
const nodeTerms = (...nodeSelectorTerms: object[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const podTerm = (term: object, kind = 'podAffinity') => ({
  affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
});
const weighted = (weight: number, podAffinityTerm: object) => ({
  affinity: {
    podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }] },
  },
});
const SELECTS = { matchLabels: { app: 'web' } };

const policies: Cases = {
  'restart-policy': { restartPolicy: 'Sometimes' },
  'dns-policy': { dnsPolicy: 'Magic' },
  'dns-none': { dnsPolicy: 'None' },
  'dns-none-empty': { dnsPolicy: 'None', dnsConfig: {} },
  'dns-right': {
    dnsPolicy: 'None',
    dnsConfig: { nameservers: ['10.0.0.10'], searches: ['a.b.', '.'], options: [{ name: 'ndots', value: '2' }] },
  },
  'dns-wrong': {
    dnsConfig: { nameservers: ['x', '1.1.1.1', '1.1.1.2', '1.1.1.3'], searches: ['A B'], options: [{ value: '1' }] },
  },
  'dns-many-searches': { dnsConfig: { searches: Array.from({ length: 33 }, (_, at) => `s${at}`) } },
  'grace-negative': { terminationGracePeriodSeconds: -5 },
  'deadline-zero': { activeDeadlineSeconds: 0 },
  'deadline-huge': { activeDeadlineSeconds: 4_000_000_000 },
  'deadline-word': { activeDeadlineSeconds: 'soon' },
  'node-name': { nodeName: 'Not_A_Node' },
  hostname: { hostname: 'Not.A.Label', subdomain: LONG },
  'host-aliases': { hostAliases: [{ ip: 'x', hostnames: ['A_B', 'a.b'] }] },
  'host-aliases-twice': {
    hostAliases: [
      { ip: '10.0.0.1', hostnames: ['a'] },
      { ip: '10.0.0.1', hostnames: ['b'] },
    ],
  },
  'node-selector': { nodeSelector: { 'a b': 'c' } },
  'node-selector-value': { nodeSelector: { a: 'not valid!' } },
  'node-selector-old': { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
  'pull-secrets': { imagePullSecrets: [{ name: 'a' }, { name: 'a' }] },
  'pull-secret-empty': { imagePullSecrets: [{ name: '' }] },
  'readiness-gates': { readinessGates: [{ conditionType: 'a b' }] },
  'readiness-gates-right': { readinessGates: [{ conditionType: 'example.com/ready' }] },
  'scheduling-gates': { schedulingGates: [{ name: 'a b' }, { name: 'x.io/y' }, { name: 'x.io/y' }] },
  gated: { schedulingGates: [{ name: 'example.com/quota' }] },
  'gated-and-placed': { schedulingGates: [{ name: 'example.com/quota' }], nodeName: 'node-1' },
  'preemption-policy': { preemptionPolicy: 'Always' },
  'runtime-class': { runtimeClassName: 'A_B' },
  'host-network': { hostNetwork: true, containers: [{ ...CONTAINER, ports: [{ containerPort: 80 }] }] },
  'host-users': { hostUsers: false, hostPID: true, hostIPC: true },
  'host-users-network': { hostUsers: false, hostNetwork: true },
  'share-and-host-pid': { shareProcessNamespace: true, hostPID: true },
  'service-account-links': { enableServiceLinks: false, automountServiceAccountToken: false },
  'os-linux': { os: { name: 'linux' } },
  'os-other': { os: { name: 'plan9' } },
  'os-none': { os: { name: '' } },
  'os-windows': { os: { name: 'windows' }, hostPID: true, securityContext: { runAsUser: 1, fsGroup: 2 } },
  'hostname-override': { hostnameOverride: 'A_B' },
  'hostname-override-both': { hostnameOverride: LONG, setHostnameAsFQDN: true, hostNetwork: true },
  'resource-claims': {
    resourceClaims: [{ name: 'A_B' }, { name: 'a', resourceClaimName: 'b', resourceClaimTemplateName: 'c' }],
  },
  'resource-claims-twice': {
    resourceClaims: [
      { name: 'a', resourceClaimName: 'b' },
      { name: 'a', resourceClaimName: 'B_B' },
    ],
  },
  'pod-resources': { resources: { limits: { cpu: '2', memory: '1Gi' } } },
  'pod-resources-other': { resources: { limits: { 'example.com/gpu': '2' } } },
  'pod-resources-small': {
    resources: { requests: { cpu: '100m' } },
    containers: [{ ...CONTAINER, resources: { requests: { cpu: '200m' } } }],
  },
  'scheduler-name': { schedulerName: 'mine' },
  'several-wrong': {
    restartPolicy: 'x',
    dnsPolicy: 'y',
    hostname: 'A',
    tolerations: [{ operator: 'z' }],
    activeDeadlineSeconds: -1,
  },
};

const tolerations: Cases = {
  'toleration-right': { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }] },
  'toleration-no-key': { tolerations: [{ operator: 'Equal', value: 'x' }] },
  'toleration-key': { tolerations: [{ key: 'a b' }] },
  'toleration-value': { tolerations: [{ key: 'a', value: 'not valid!' }] },
  'toleration-exists': { tolerations: [{ key: 'a', operator: 'Exists', value: 'x' }] },
  'toleration-effect': { tolerations: [{ key: 'a', effect: 'Maybe' }] },
  'toleration-seconds': { tolerations: [{ key: 'a', effect: 'NoSchedule', tolerationSeconds: 1 }] },
  'toleration-operator': { tolerations: [{ key: 'a', operator: 'Near' }] },
  'toleration-greater': { tolerations: [{ key: 'a', operator: 'Gt', value: '5' }] },
};

const affinities: Cases = {
  'node-no-terms': nodeTerms(),
  'node-in-none': nodeTerms({ matchExpressions: [expression('a', 'In')] }),
  'node-exists-values': nodeTerms({ matchExpressions: [expression('a', 'Exists', ['b'])] }),
  'node-gt-two': nodeTerms({ matchExpressions: [expression('a', 'Gt', ['1', '2'])] }),
  'node-operator': nodeTerms({ matchExpressions: [expression('a b', 'Near', ['not valid!'])] }),
  'node-fields': nodeTerms({ matchFields: [expression('metadata.name', 'In', ['a', 'b'])] }),
  'node-fields-key': nodeTerms({ matchFields: [expression('metadata.uid', 'Exists')] }),
  'node-fields-name': nodeTerms({ matchFields: [expression('metadata.name', 'In', ['A_B'])] }),
  'node-old-label': nodeTerms({ matchExpressions: [expression('failure-domain.beta.kubernetes.io/zone', 'Exists')] }),
  'node-weight': {
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 0, preference: { matchExpressions: [expression('a', 'In')] } },
          { weight: 101, preference: {} },
        ],
      },
    },
  },
  'pod-right': podTerm({ topologyKey: 'kubernetes.io/hostname', labelSelector: SELECTS }),
  'pod-no-topology': podTerm({ labelSelector: SELECTS }),
  'pod-topology': podTerm({ topologyKey: 'a b', labelSelector: SELECTS }),
  'pod-namespaces': podTerm({ topologyKey: 'zone', labelSelector: SELECTS, namespaces: ['A_B'] }),
  'pod-selector': podTerm({ topologyKey: 'zone', labelSelector: { matchExpressions: [expression('a', 'Near')] } }),
  'pod-namespace-selector': podTerm({
    topologyKey: 'zone',
    labelSelector: SELECTS,
    namespaceSelector: { matchLabels: { a: 'not valid!' } },
  }),
  'pod-no-selector': podTerm({ topologyKey: 'zone' }, 'podAntiAffinity'),
  'pod-match-keys': podTerm({
    topologyKey: 'zone',
    labelSelector: SELECTS,
    matchLabelKeys: ['tier'],
    mismatchLabelKeys: ['tier'],
  }),
  'pod-match-keys-alone': podTerm({ topologyKey: 'zone', matchLabelKeys: ['tier'] }),
  'pod-weight': weighted(0, { topologyKey: 'zone', labelSelector: SELECTS }),
  'pod-weight-high': weighted(101, {}),
};

const spread = (constraint: object, ...more: object[]) => ({
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: SELECTS, ...constraint },
    ...more,
  ],
});
const spreading: Cases = {
  'spread-right': spread({ minDomains: 2, nodeAffinityPolicy: 'Ignore', nodeTaintsPolicy: 'Honor' }),
  'spread-skew': spread({ maxSkew: 0, topologyKey: '' }),
  'spread-action': spread({ whenUnsatisfiable: 'GiveUp' }),
  'spread-domains': spread({ minDomains: 0 }),
  'spread-domains-anyway': spread({ minDomains: 2, whenUnsatisfiable: 'ScheduleAnyway' }),
  'spread-policies': spread({ nodeAffinityPolicy: 'Guess', nodeTaintsPolicy: 'Guess' }),
  'spread-twice': spread(
    {},
    { maxSkew: 2, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: SELECTS },
  ),
  'spread-no-selector': spread({ labelSelector: null }),
  'spread-selector': spread({ labelSelector: { matchExpressions: [expression('a', 'In')] } }),
  'spread-match-keys': spread({ matchLabelKeys: ['a b', 'app'] }),
};

const pod = (securityContext: object) => ({ securityContext });
const container = (securityContext: object) => ({ containers: [{ ...CONTAINER, securityContext }] });
const security: Cases = {
  'pod-ids': pod({ runAsUser: -1, runAsGroup: -1, fsGroup: -1, supplementalGroups: [-1, 4_000_000_000] }),
  'pod-seccomp': pod({ seccompProfile: { type: 'Custom' } }),
  'pod-seccomp-none': pod({ seccompProfile: {} }),
  'pod-seccomp-local': pod({ seccompProfile: { type: 'Localhost' } }),
  'pod-seccomp-path': pod({ seccompProfile: { type: 'Localhost', localhostProfile: '/../x' } }),
  'pod-app-armor': pod({ appArmorProfile: { type: 'Localhost', localhostProfile: ' a ' } }),
  'pod-app-armor-type': pod({ appArmorProfile: { type: 'Custom' } }),
  'pod-sysctls': pod({
    sysctls: [
      { name: 'net.ipv4.tcp_syncookies', value: '1' },
      { name: '', value: '' },
      { name: 'A!', value: '' },
    ],
  }),
  'pod-sysctls-twice': pod({
    sysctls: [
      { name: 'kernel.a', value: '1' },
      { name: 'kernel.a', value: '2' },
    ],
  }),
  'pod-sysctls-host': { hostNetwork: true, securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '1' }] } },
  'pod-policies': pod({ fsGroupChangePolicy: 'Never', supplementalGroupsPolicy: 'Loose', seLinuxChangePolicy: 'Odd' }),
  'pod-windows': pod({ windowsOptions: { runAsUserName: '', gmsaCredentialSpec: '' } }),
  'pod-windows-name': pod({ windowsOptions: { runAsUserName: 'a\\b\\c', gmsaCredentialSpecName: 'A_B' } }),
  'pod-right': pod({ runAsNonRoot: true, runAsUser: 1000, fsGroup: 2000, seccompProfile: { type: 'RuntimeDefault' } }),
  'container-ids': container({ runAsUser: -1, runAsGroup: 4_000_000_000 }),
  'container-privileged': container({ privileged: true, capabilities: { add: ['NET_ADMIN'] } }),
  'container-escalation': container({ privileged: true, allowPrivilegeEscalation: false }),
  'container-sys-admin': container({ allowPrivilegeEscalation: false, capabilities: { add: ['CAP_SYS_ADMIN'] } }),
  'container-proc-mount': container({ procMount: 'Hidden' }),
  'container-unmasked': container({ procMount: 'Unmasked' }),
  'container-seccomp': container({ seccompProfile: { type: 'Unconfined', localhostProfile: 'x' } }),
  'container-host-process': container({ windowsOptions: { hostProcess: true } }),
};

const annotated = (annotations: object) => ({ metadata: { annotations } });
const metadata: Cases = {
  mirror: annotated({ 'kubernetes.io/config.mirror': 'x' }),
  'deletion-cost': annotated({ 'controller.kubernetes.io/pod-deletion-cost': 'much' }),
  'old-seccomp': annotated({ 'seccomp.security.alpha.kubernetes.io/pod': 'wrong' }),
  'old-seccomp-right': annotated({ 'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default' }),
  'old-app-armor': annotated({ 'container.apparmor.security.beta.kubernetes.io/main': 'runtime/default' }),
  'old-app-armor-wrong': annotated({ 'container.apparmor.security.beta.kubernetes.io/none': 'odd' }),
  'critical-pod': annotated({ 'scheduler.alpha.kubernetes.io/critical-pod': '' }),
  'dotted-name': { metadata: { name: 'web.example.com' } },
  'long-label': { metadata: { labels: { [LONG]: 'x' } } },
  'label-prefix': { metadata: { labels: { 'Bad_Prefix/a': 'x' } } },
  'label-slashes': { metadata: { labels: { 'a/b/c': 'x' } } },
  'two-controllers': {
    metadata: {
      ownerReferences: ['a', 'b'].map((name) => ({
        apiVersion: 'v1',
        kind: 'Node',
        name,
        uid: name,
        controller: true,
      })),
    },
  },
  'event-owner': { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'a', uid: 'b' }] } },
  'no-owner-version': { metadata: { ownerReferences: [{ apiVersion: '', kind: '', name: 'a', uid: 'b' }] } },
  finalizers: { metadata: { finalizers: ['orphan', 'foregroundDeletion', 'x.io/y', 'a b'] } },
  'generated-name': { metadata: { name: '', generateName: 'Bad_' } },
};

export const podSpecScripts: readonly Script[] = [
  rules('pod-specs', POD, tries(POD, POD_BASE, ofSpec(policies))),
  rules('pod-placement', POD, tries(POD, POD_BASE, ofSpec({ ...tolerations, ...affinities, ...spreading }))),
  rules('pod-security', POD, tries(POD, POD_BASE, ofSpec(security))),
  rules('pod-metadata', POD, tries(POD, POD_BASE, metadata)),
];
