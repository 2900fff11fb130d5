/** What the server behind an APIService says it serves: asked for availability, shown in the cluster's discovery. */
import type { Duplex } from 'node:stream';
import { request as httpRequest } from 'node:http';
import { apiVersionOf } from '#common/kube/resource';
import { remoteUser } from './remote-user';
import type { GroupVersion } from './local-api-services';

/** An entry of an APIResourceList. */
export interface ListedResource {
  name: string;
  singularName?: string;
  namespaced: boolean;
  group?: string;
  version?: string;
  kind: string;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
}

const LARGEST_DOCUMENT_BYTES = 10 * 2 ** 20;
const AGGREGATOR = { name: 'system:kube-aggregator', groups: ['system:masters'] };

export const discoveryPath = (groupVersion: GroupVersion): string => `/apis/${apiVersionOf(groupVersion)}`;

/** The resources of a version; none where the answer is no APIResourceList. Throws Error for any other status than 2xx and 3xx. */
export async function askForResources(connection: Duplex, path: string, url: string): Promise<ListedResource[]> {
  const { status, text } = await get(connection, path);
  if (status < 200 || status >= 300) throw new Error(`bad status from ${url}: ${status}`);
  return resourcesIn(text);
}

function resourcesIn(text: string): ListedResource[] {
  try {
    const { resources } = JSON.parse(text) as { resources?: unknown };
    return Array.isArray(resources) ? resources.filter(isListed) : [];
  } catch {
    return [];
  }
}

function isListed(one: Partial<ListedResource> | null): one is ListedResource {
  return typeof one?.name === 'string' && typeof one.kind === 'string' && Array.isArray(one.verbs);
}

function get(connection: Duplex, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/json', host: 'localhost', connection: 'close', ...remoteUser(AGGREGATOR) };
    const request = httpRequest({ path, headers, createConnection: () => connection }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > LARGEST_DOCUMENT_BYTES) request.destroy(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      response.once('error', reject);
    });
    request.once('error', reject);
    request.end();
  });
}

/** Resources as apidiscovery.k8s.io has them: each with its subresources. */
export function discoveryEntries({ group, version }: GroupVersion, listed: readonly ListedResource[]): object[] {
  const kindOf = (one: ListedResource) => ({
    group: one.group ?? group,
    version: one.version ?? version,
    kind: one.kind,
  });
  return listed
    .filter(({ name }) => !name.includes('/'))
    .map((one) => {
      const parts = listed.filter(({ name }) => name.startsWith(`${one.name}/`));
      const subresources = parts.map((part) => ({
        subresource: part.name.slice(one.name.length + 1),
        responseKind: kindOf(part),
        verbs: part.verbs,
      }));
      return {
        resource: one.name,
        responseKind: kindOf(one),
        scope: one.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: one.singularName ?? '',
        verbs: one.verbs,
        ...(one.shortNames?.length ? { shortNames: one.shortNames } : {}),
        ...(one.categories?.length ? { categories: one.categories } : {}),
        ...(subresources.length > 0 ? { subresources } : {}),
      };
    });
}
