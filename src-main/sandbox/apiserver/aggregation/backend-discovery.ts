/** What the server behind an APIService says it serves: in one document, else version by version (kube-aggregator's discovery manager). */
import { apiVersionOf } from '#common/kube/resource';
import { documentIn, type BackendAnswer, type Question } from './ask-backend';
import type { GroupVersion } from './local-api-services';

type Ask = (question: Question) => Promise<BackendAnswer>;

/** A resource as apidiscovery.k8s.io has it, with its subresources. */
export type DiscoveryEntry = Readonly<Record<string, unknown>>;

const GROUP_NAME = 'apidiscovery.k8s.io';
const AGGREGATED = ['v2', 'v2beta1'].map(
  (version) => `application/json;g=${GROUP_NAME};v=${version};as=APIGroupDiscoveryList`,
);
const AGGREGATOR = 'system:kube-aggregator';

export const discoveryPath = (groupVersion: GroupVersion): string => `/apis/${apiVersionOf(groupVersion)}`;

/** Whether it is there at all: the question of which the condition of the APIService tells. Throws for any status but 2xx. */
export async function askWhetherItServes(ask: Ask, path: string, url: string): Promise<void> {
  const { status } = await ask({ path, user: { name: AGGREGATOR, groups: ['system:masters'] } });
  if (status < 200 || status >= 300) throw new Error(`bad status from ${url}: ${status}`);
}

/** Undefined when it does not say. A document without the version says that it has no resources. */
export async function askForEntries(ask: Ask, groupVersion: GroupVersion): Promise<DiscoveryEntry[] | undefined> {
  const user = { name: AGGREGATOR, groups: ['system:masters'] };
  const whole = await ask({ path: '/apis', user, accept: AGGREGATED.join(',') });
  if (whole.status === 200 && whole.type.includes(`g=${GROUP_NAME}`)) return entriesOf(documentIn(whole), groupVersion);
  if (whole.status === 503) return undefined;
  const path = discoveryPath(groupVersion);
  const own = await ask({ path, user: { name: AGGREGATOR, groups: [] }, accept: 'application/json' });
  return own.status === 200 ? converted(listIn(documentIn(own), 'resources')) : undefined;
}

function entriesOf(document: Record<string, unknown> | undefined, { group, version }: GroupVersion): DiscoveryEntry[] {
  const found = listIn(document, 'items').find(({ metadata }) => (metadata as { name?: string })?.name === group);
  const own = listIn(found, 'versions').find((one) => one['version'] === version);
  return listIn(own, 'resources').map((one) => {
    const subresources = listIn(one, 'subresources').map((part) => ({
      ...chosen(part, ['subresource', 'acceptedTypes', 'verbs']),
      responseKind: kindOf(part['responseKind'] as Record<string, unknown> | undefined),
    }));
    return {
      ...chosen(one, ['resource', 'scope', 'singularResource', 'verbs', 'shortNames', 'categories']),
      responseKind: kindOf(one['responseKind'] as Record<string, unknown> | undefined),
      ...(subresources.length > 0 ? { subresources } : {}),
    };
  });
}

/** An APIResourceList in the newer form. */
function converted(listed: readonly Record<string, unknown>[]): DiscoveryEntry[] {
  const nameOf = (one: Record<string, unknown>): string => String(one['name']);
  return listed
    .filter((one) => !nameOf(one).includes('/'))
    .map((one) => {
      const parts = listed.filter((part) => nameOf(part).startsWith(`${nameOf(one)}/`));
      const subresources = parts.map((part) => ({
        subresource: nameOf(part).slice(nameOf(one).length + 1),
        responseKind: kindOf(part),
        verbs: part['verbs'],
      }));
      return {
        resource: nameOf(one),
        responseKind: kindOf(one),
        scope: one['namespaced'] ? 'Namespaced' : 'Cluster',
        singularResource: one['singularName'] ?? '',
        ...chosen(one, ['verbs', 'shortNames', 'categories']),
        ...(subresources.length > 0 ? { subresources } : {}),
      };
    });
}

function kindOf({ group = '', version = '', kind = '' }: Record<string, unknown> = {}) {
  return { group, version, kind };
}

function chosen(from: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));
}

function listIn(from: Record<string, unknown> | undefined, name: string): Record<string, unknown>[] {
  const list = from?.[name];
  if (!Array.isArray(list)) return [];
  return list.filter((one): one is Record<string, unknown> => typeof one === 'object' && one !== null);
}
