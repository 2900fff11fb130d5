import type { Exchange, Script } from '../../exchange';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** A script about who may do what. */
export const accessScript = (name: string, group: string, kind: string, exchanges: readonly Exchange[]): Script => ({
  name: `access/${name}`,
  group,
  kind,
  exchanges,
});

export const post = (name: string, path: string, body: unknown): Exchange => ({
  name,
  request: `POST ${path}`,
  body,
  counts: { verb: 'create', detail: 'rules' },
});

/** What one server refuses may not stay where the other takes it. */
export const tried = (name: string, path: string, body: unknown): Exchange =>
  post(name, `${path}${path.includes('?') ? '&' : '?'}dryRun=All`, body);

export const put = (name: string, path: string, body: unknown): Exchange => ({
  name,
  request: `PUT ${path}`,
  body,
  counts: { verb: 'update', detail: 'rules' },
});

export const merge = (name: string, path: string, body: unknown): Exchange => ({
  name,
  request: `PATCH ${path}`,
  type: 'application/merge-patch+json',
  body,
  counts: { verb: 'patch', detail: 'rules' },
});

export const get = (name: string, path: string): Exchange => ({
  name,
  request: `GET ${path}`,
  counts: { verb: 'get', detail: 'rules' },
});

export const table = (name: string, path: string): Exchange => ({ ...get(name, path), accept: TABLE });

export const remove = (name: string, path: string): Exchange => ({ name, request: `DELETE ${path}` });

/** The same request in the name of somebody else. */
export const as = (user: string, exchange: Exchange, groups = 'system:authenticated'): Exchange => ({
  ...exchange,
  headers: { ...exchange.headers, 'impersonate-user': user, 'impersonate-group': groups },
  counts: { verb: 'access', detail: 'as another user' },
});
