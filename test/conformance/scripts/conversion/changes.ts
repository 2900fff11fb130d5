import { ask, conversion, conversionScript, defined, DEFINITIONS, host, hosts, merge, undefined_ } from './steps';

/** Definitions that change while objects of theirs are stored. */

const GROUP = 'changes.example.com';
const [V1, V2] = ['v1', 'v2'].map((version) => hosts(GROUP, version)) as [string, string];
const DEFINITION = `${DEFINITIONS}/hosts.${GROUP}`;

const storage = (version: string) => [
  { op: 'replace', path: '/spec/versions/0/storage', value: version === 'v1' },
  { op: 'replace', path: '/spec/versions/1/storage', value: version === 'v2' },
];
const change = (name: string, body: unknown) =>
  ask(name, `PATCH ${DEFINITION}`, { type: 'application/json-patch+json', body });

export const changesScript = conversionScript('conversion-changes', [
  ...defined({ group: GROUP, answers: 'refused' }),
  ask('one', `POST ${V1}`, { body: host(`${GROUP}/v1`, 'one', { hostPort: 'a:80' }) }),
  ask('refused', `GET ${V2}/one`),
  merge('other-webhook', DEFINITION, { spec: { conversion: conversion('convert') } }),
  ask('converted', `GET ${V2}/one`, { until: { status: 200 } }),
  merge('no-webhook', DEFINITION, { spec: { conversion: { strategy: 'None', webhook: null } } }),
  ask('renamed', `GET ${V2}/one`, { until: { 'body.spec.host': undefined } }),
  merge('webhook-again', DEFINITION, { spec: { conversion: conversion('convert') } }),
  ask('converted-again', `GET ${V2}/one`, { until: { 'body.spec.host': 'a' } }),
  change('stored-as-v2', storage('v2')),
  ask('two-stored-versions', `GET ${DEFINITION}`, { until: { 'body.status.storedVersions.1': 'v2' } }),
  ask('still-converted', `GET ${V2}/one`),
  ask('two', `POST ${V1}`, { body: host(`${GROUP}/v1`, 'two', { hostPort: 'b:81' }) }),
  merge('rewritten', `${V1}/one`, {}),
  merge('webhook-fails', DEFINITION, { spec: { conversion: conversion('refused') } }),
  ask('one-in-v1', `GET ${V1}/one`, { until: { status: 500 } }),
  ask('one-in-v2', `GET ${V2}/one`),
  ask('two-in-v2', `GET ${V2}/two`),
  change('forgotten-too-early', [{ op: 'remove', path: '/spec/versions/0' }]),
  ask('v1-forgotten', `PATCH ${DEFINITION}/status`, {
    type: 'application/merge-patch+json',
    body: { status: { storedVersions: ['v2'] } },
  }),
  ask('storage-forgotten', `PATCH ${DEFINITION}/status`, {
    type: 'application/merge-patch+json',
    body: { status: { storedVersions: ['v1'] } },
  }),
  ask('nothing-stored', `PATCH ${DEFINITION}/status`, {
    type: 'application/merge-patch+json',
    body: { status: { storedVersions: [] } },
  }),
  change('without-v1', [{ op: 'remove', path: '/spec/versions/0' }]),
  ask('v1-gone', `GET ${V1}/one`, { until: { status: 404 } }),
  ask('only-v2', `GET ${V2}/one`),
  merge('updated-after', `${V2}/one`, { spec: { port: 99 } }),
  undefined_(GROUP),
]);
