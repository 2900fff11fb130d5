import type { Exchange, Script } from '../../exchange';

/** Exchanges about custom resources that a webhook converts between their versions. */

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

type Fields = Record<string, unknown>;

export const conversionScript = (name: string, exchanges: readonly Exchange[]): Script => ({
  name: `conversion/${name}`,
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  exchanges,
  conversion: true,
});

const object = (properties: Fields): Fields => ({ type: 'object', properties });

const COMMON = { replicas: { type: 'integer' }, tier: { type: 'string', default: 'front' } };
const SPECS: Readonly<Record<string, Fields>> = {
  v1: { hostPort: { type: 'string' }, ...COMMON },
  v2: { host: { type: 'string', maxLength: 8 }, port: { type: 'integer', maximum: 100 }, ...COMMON },
};
const SELECTED: Readonly<Record<string, string>> = { v1: '.spec.hostPort', v2: '.spec.host' };

const version = (name: string, storage: boolean): Fields => ({
  name,
  served: true,
  storage,
  subresources: {
    status: {},
    scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
  },
  additionalPrinterColumns: [{ name: 'Address', type: 'string', jsonPath: SELECTED[name] }],
  selectableFields: [{ jsonPath: SELECTED[name] }],
  schema: {
    openAPIV3Schema: object({
      spec: object(SPECS[name] ?? {}),
      status: object({ phase: { type: 'string' }, replicas: { type: 'integer' } }),
    }),
  },
});

export interface Defined {
  group: string;
  /** The path of the webhook, which says how it answers. */
  answers?: string;
  storage?: string;
  /** In place of what the path says. */
  clientConfig?: Fields;
  reviewVersions?: readonly string[];
}

/** Host names of v1 and v2 in a group of their own. */
export const definition = ({ group, answers = 'convert', storage = 'v1', ...more }: Defined) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `hosts.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural: 'hosts', singular: 'host', kind: 'Host', listKind: 'HostList' },
    conversion: conversion(answers, more),
    versions: ['v1', 'v2'].map((name) => version(name, name === storage)),
  },
});

export const conversion = (
  answers: string,
  { clientConfig, reviewVersions = ['v1'] }: Pick<Defined, 'clientConfig' | 'reviewVersions'> = {},
) => ({
  strategy: 'Webhook',
  webhook: {
    conversionReviewVersions: reviewVersions,
    clientConfig: clientConfig ?? {
      url: `https://127.0.0.1:{webhook-port}/${answers}`,
      caBundle: '{webhook-ca}',
    },
  },
});

/** `apiVersion` is that of one of a definition's versions. */
export const host = (apiVersion: string, name: string, spec: Fields, metadata: Fields = {}) => ({
  apiVersion,
  kind: 'Host',
  metadata: { name, ...metadata },
  spec,
});

export const hosts = (group: string, of: string): string => `/apis/${group}/${of}/namespaces/{ns}/hosts`;

/** Makes the definition, and waits until it is established. */
export function defined(what: Defined): Exchange[] {
  const name = what.group.split('.')[0] ?? '';
  const path = `${DEFINITIONS}/hosts.${what.group}`;
  return [
    { name: `${name}-definition`, request: `POST ${DEFINITIONS}`, body: definition(what) },
    { name: `${name}-established`, request: `GET ${path}`, until: { 'body.status.conditions.1.status': 'True' } },
  ];
}

export const undefined_ = (group: string): Exchange => ({
  name: `${group.split('.')[0]}-definition-gone`,
  request: `DELETE ${DEFINITIONS}/hosts.${group}`,
});

const VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

export const ask = (name: string, request: string, more: Partial<Exchange> = {}): Exchange => ({
  name,
  request,
  counts: { verb: VERBS[request.split(' ')[0] ?? ''] ?? 'get', detail: 'conversion' },
  ...more,
});

export const merge = (name: string, path: string, body: unknown): Exchange =>
  ask(name, `PATCH ${path}`, { type: 'application/merge-patch+json', body });

export const apply = (name: string, path: string, body: unknown): Exchange =>
  ask(name, `PATCH ${path}`, { type: 'application/apply-patch+yaml', body });
