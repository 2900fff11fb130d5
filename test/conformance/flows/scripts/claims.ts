import type { Flow, FlowStep } from '../flow';
import { node } from '../nodes';
import { container, noted } from './manifests';

const spec = { devices: { requests: [{ name: 'one', exactly: { deviceClassName: '{ns}' } }] } };

const deviceClass: FlowStep = {
  create: { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: { name: '{ns}' }, spec: {} },
};
const template: FlowStep = {
  create: {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaimTemplate',
    metadata: { name: 'gpu' },
    spec: { metadata: { labels: { kept: 'yes' } }, spec },
  },
};
const claim: FlowStep = {
  create: { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata: { name: 'shared' }, spec },
};

const pod = (name: string, resourceClaims: object[], more: object = {}): FlowStep => ({
  create: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 1, containers: [container], resourceClaims, ...more },
  },
});

const own = { name: 'own', resourceClaimTemplateName: 'gpu' };
const shared = { name: 'shared', resourceClaimName: 'shared' };

/** A driver has given it what it asks for. */
const allocated: FlowStep = {
  patch: 'resourceclaims/shared',
  with: { status: { allocation: { devices: {} } } },
  subresource: 'status',
};
const held: FlowStep = {
  patch: 'resourceclaims/shared',
  with: { metadata: { finalizers: ['resource.kubernetes.io/delete-protection'] } },
};

const place: FlowStep[] = [
  { create: node('{ns}-a', {}, { unschedulable: true }) },
  { until: 'nodes/{ns}-a', has: { 'status.conditions[Ready].status': 'True' } },
];

const unscheduled = (name: string): FlowStep => ({
  until: `pods/${name}`,
  has: { 'status.conditions[PodScheduled].status': 'False' },
});

export const claimFlows: readonly Flow[] = [
  {
    name: 'claims/from-a-template',
    steps: [
      deviceClass,
      template,
      pod('user', [own]),
      unscheduled('user'),
      ...noted('nobody offers devices'),
      { remove: 'pods/user' },
      { pods: 'user', count: 0 },
      ...noted('gone with its Pod'),
    ],
  },
  {
    name: 'claims/without-a-class',
    steps: [template, pod('user', [own]), unscheduled('user'), ...noted('no class'), deviceClass, ...noted('a class')],
  },
  {
    name: 'claims/template-comes-late',
    steps: [pod('user', [own]), { pass: 3 }, template, deviceClass, unscheduled('user'), ...noted('made after all')],
  },
  {
    name: 'claims/claim-comes-late',
    steps: [deviceClass, pod('user', [shared]), ...noted('no claim'), claim, unscheduled('user'), ...noted('a claim')],
  },
  {
    name: 'claims/reserved',
    alone: true,
    steps: [
      ...place,
      deviceClass,
      claim,
      held,
      allocated,
      { until: 'resourceclaims/shared', has: { 'status.allocation.devices': {} } },
      pod('first', [shared], { nodeName: '{ns}-a' }),
      pod('second', [shared], { nodeName: '{ns}-a', tolerations: [] }),
      { until: 'resourceclaims/shared', has: { 'status.reservedFor[1].resource': 'pods' } },
      ...noted('for both'),
      { removePod: 'first' },
      { pods: 'first', count: 0 },
      ...noted('for the other'),
      { removePod: 'second' },
      { pods: 'second', count: 0 },
      ...noted('free'),
    ],
  },
  {
    name: 'claims/done',
    alone: true,
    steps: [
      ...place,
      deviceClass,
      template,
      pod('user', [own], { nodeName: '{ns}-a' }),
      { pod: 'user', are: { 'status.phase': 'Running' }, status: { phase: 'Succeeded' } },
      ...noted('its claim is not needed'),
    ],
  },
];
