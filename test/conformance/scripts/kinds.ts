import type { Exchange, Script } from '../exchange';
import { manifests, type Manifest } from './manifests';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const METADATA = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json';
const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';
const LABELS = { conformance: 'yes' };

/** Every built-in kind goes through the same life: refusals first, then creation, reading, each kind of write, deletion. */
export const kindScripts: readonly Script[] = manifests.map((manifest) => ({
  name: `kinds/${manifest.plural}.${manifest.version}${manifest.group && `.${manifest.group}`}`,
  group: manifest.group,
  kind: manifest.kind,
  exchanges: lifeOf(manifest),
}));

function lifeOf(manifest: Manifest): Exchange[] {
  const { group, version, plural, kind, namespaced = true, object = {} } = manifest;
  const apiVersion = group ? `${group}/${version}` : version;
  const root = `${group ? `/apis/${group}` : '/api'}/${version}`;
  const all = `${root}${namespaced ? '/namespaces/{ns}' : ''}/${plural}`;
  const name = manifest.name ?? `one-${plural}`;
  const one = `${all}/${name}`;
  const metadata = { name, labels: LABELS };
  const whole = { apiVersion, kind, metadata, ...object };
  const withName = (other: unknown) => ({ ...whole, metadata: { ...metadata, name: other } });
  const applied = (fields: object) => ({ apiVersion, kind, metadata: { name, ...fields } });
  return [
    counted('create', 'dry run', { name: 'create-dry-run', request: `POST ${all}?dryRun=All`, body: whole }),
    counted('create', 'unknown field, strict', {
      name: 'create-unknown-strict',
      request: `POST ${all}?fieldValidation=Strict`,
      body: { ...whole, bogus: 1, metadata: { ...metadata, wrong: true } },
    }),
    counted('create', 'unknown field, warned of', {
      name: 'create-unknown-warn',
      request: `POST ${all}?fieldValidation=Warn&dryRun=All`,
      body: { ...whole, bogus: 1 },
    }),
    counted('create', 'wrong type', {
      name: 'create-wrong-type',
      request: `POST ${all}`,
      body: { ...whole, metadata: { ...metadata, labels: 'text' } },
    }),
    counted('create', 'wrong name', {
      name: 'create-wrong-name',
      request: `POST ${all}`,
      body: withName('Wrong_Name'),
    }),
    counted('create', 'no name', { name: 'create-no-name', request: `POST ${all}`, body: withName(undefined) }),
    counted('create', 'other kind', {
      name: 'create-other-kind',
      request: `POST ${all}`,
      body: { ...whole, kind: 'Thing' },
    }),
    counted('create', 'not JSON', { name: 'create-no-json', request: `POST ${all}`, body: '{"kind":' }),
    counted('create', 'least', { name: 'create', request: `POST ${all}`, body: whole }),
    counted('create', 'again', { name: 'create-again', request: `POST ${all}`, body: whole }),
    counted('get', '', { name: 'get', request: `GET ${one}` }),
    counted('get', 'Table', { name: 'get-table', request: `GET ${one}`, accept: TABLE }),
    counted('get', 'metadata', { name: 'get-metadata', request: `GET ${one}`, accept: METADATA }),
    counted('list', 'labels', { name: 'list', request: `GET ${all}?labelSelector=conformance%3Dyes` }),
    counted('list', 'Table', {
      name: 'list-table',
      request: `GET ${all}?labelSelector=conformance%3Dyes`,
      accept: TABLE,
    }),
    counted('list', 'field', { name: 'list-field', request: `GET ${all}?fieldSelector=metadata.name%3D${name}` }),
    counted('list', 'wrong field', { name: 'list-wrong-field', request: `GET ${all}?fieldSelector=bogus.field%3D1` }),
    counted('list', 'wrong selector', { name: 'list-wrong-selector', request: `GET ${all}?labelSelector=%3D%3D` }),
    counted('watch', 'from the start', {
      name: 'watch',
      request: `GET ${all}?watch=true&labelSelector=conformance%3Dyes&timeoutSeconds=5`,
      events: 1,
    }),
    counted('update', 'stale', {
      name: 'update-stale',
      request: `PUT ${one}`,
      body: { ...whole, metadata: { ...metadata, resourceVersion: '1' } },
    }),
    counted('update', 'no revision', {
      name: 'update',
      request: `PUT ${one}`,
      body: { ...whole, metadata: { ...metadata, labels: { ...LABELS, updated: 'yes' } } },
    }),
    counted('update', 'other name', { name: 'update-other-name', request: `PUT ${one}`, body: withName('other') }),
    counted('patch', 'json', {
      name: 'patch-json',
      request: `PATCH ${one}`,
      type: JSON_PATCH,
      body: [{ op: 'add', path: '/metadata/labels/patched', value: 'json' }],
    }),
    counted('patch', 'json, failing test', {
      name: 'patch-json-test',
      request: `PATCH ${one}`,
      type: JSON_PATCH,
      body: [{ op: 'test', path: '/metadata/labels/patched', value: 'other' }],
    }),
    counted('patch', 'json, missing path', {
      name: 'patch-json-missing',
      request: `PATCH ${one}`,
      type: JSON_PATCH,
      body: [{ op: 'remove', path: '/metadata/annotations/none' }],
    }),
    counted('patch', 'merge', {
      name: 'patch-merge',
      request: `PATCH ${one}`,
      type: MERGE_PATCH,
      body: { metadata: { annotations: { note: 'kept' }, labels: { patched: null } } },
    }),
    counted('patch', 'strategic', {
      name: 'patch-strategic',
      request: `PATCH ${one}`,
      type: STRATEGIC_PATCH,
      body: { metadata: { labels: { patched: 'strategic' }, finalizers: ['example.com/hold'] } },
    }),
    counted('patch', 'unknown type', {
      name: 'patch-unknown',
      request: `PATCH ${one}`,
      type: 'text/plain',
      body: '{}',
    }),
    counted('apply', 'first', {
      name: 'apply',
      request: `PATCH ${one}?fieldManager=applier`,
      type: APPLY_PATCH,
      body: applied({ labels: { applied: 'first' } }),
    }),
    counted('apply', 'conflict', {
      name: 'apply-conflict',
      request: `PATCH ${one}?fieldManager=rival`,
      type: APPLY_PATCH,
      body: applied({ labels: { applied: 'second' } }),
    }),
    counted('apply', 'forced', {
      name: 'apply-force',
      request: `PATCH ${one}?fieldManager=rival&force=true`,
      type: APPLY_PATCH,
      body: applied({ labels: { applied: 'second' } }),
    }),
    counted('apply', 'no manager', {
      name: 'apply-no-manager',
      request: `PATCH ${one}`,
      type: APPLY_PATCH,
      body: applied({ labels: { applied: 'third' } }),
    }),
    counted('get', 'status', { name: 'get-status', request: `GET ${one}/status` }),
    counted('delete', 'other uid', {
      name: 'delete-other-uid',
      request: `DELETE ${one}`,
      body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'other' } },
    }),
    counted('delete', 'dry run', { name: 'delete-dry-run', request: `DELETE ${one}?dryRun=All` }),
    counted('delete', 'held by a finalizer', { name: 'delete-held', request: `DELETE ${one}` }),
    counted('patch', 'merge, last finalizer', {
      name: 'patch-finalizers',
      request: `PATCH ${one}`,
      type: MERGE_PATCH,
      body: { metadata: { finalizers: null } },
    }),
    counted('get', 'gone', { name: 'get-gone', request: `GET ${one}` }),
    counted('delete', 'gone', { name: 'delete-gone', request: `DELETE ${one}` }),
    counted('deletecollection', 'labels', {
      name: 'deletecollection',
      request: `DELETE ${all}?labelSelector=conformance%3Dyes`,
    }),
  ];
}

function counted(verb: string, detail: string, exchange: Exchange): Exchange {
  return { ...exchange, counts: { verb, detail } };
}
