/** What an Ingress controller makes of a request: rules by host and path, rewrite and redirect annotations. Pure. */
import type { Ingress, IngressBackend, Service } from '#common/kube/types';
import type { IngressRequest, IngressRoute } from '#main/base/pod-network';
import type { NetworkObjects } from './network-objects';

const NGINX = 'nginx.ingress.kubernetes.io';
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

interface Candidate {
  ingress: Ingress;
  backend: IngressBackend;
  path: string;
  pathType: string;
  match: RegExpExecArray | undefined;
  hasHost: boolean;
}

/** The best rule for a request: exact host before wildcard before none, exact path before the longest prefix. */
export function ingressRoute(
  objects: NetworkObjects,
  ingressClass: string,
  request: IngressRequest,
): IngressRoute | undefined {
  const ingresses = ingressesOf(objects, ingressClass);
  const usesRegex = ingresses.some((ingress) => asksForRegex(ingress) && rulesFor(ingress, request.host).length > 0);
  const candidates = ingresses.flatMap((ingress) => candidatesOf(ingress, request, usesRegex));
  const [best] = candidates.toSorted(byPrecedence);
  if (!best) return undefined;
  const service = objects.service(best.ingress.metadata.namespace ?? '', best.backend.service?.name ?? '');
  return service && routeTo(best, service, request);
}

export const ingressesOf = (objects: Pick<NetworkObjects, 'ingresses'>, ingressClass: string): Ingress[] =>
  [...objects.ingresses()].filter((ingress) => classOf(ingress) === ingressClass);

const classOf = ({ metadata, spec }: Ingress): string | undefined =>
  spec.ingressClassName ?? metadata.annotations?.[CLASS_ANNOTATION];

const rulesFor = ({ spec }: Ingress, host: string) => (spec.rules ?? []).filter((rule) => hostMatches(rule.host, host));

/** One Ingress that asks for regular expressions makes them of all paths of its hosts. */
function candidatesOf(ingress: Ingress, { host, path }: IngressRequest, usesRegex: boolean): Candidate[] {
  const found: Candidate[] = [];
  for (const rule of rulesFor(ingress, host)) {
    for (const { path: wanted = '/', pathType, backend } of rule.http?.paths ?? []) {
      const match = pathMatch({ wanted, pathType, usesRegex }, path);
      if (match) found.push({ ingress, backend, path: wanted, pathType, match, hasHost: rule.host !== undefined });
    }
  }
  const { defaultBackend } = ingress.spec;
  if (defaultBackend) {
    found.push({ ingress, backend: defaultBackend, path: '', pathType: 'Default', match: undefined, hasHost: false });
  }
  return found;
}

const asksForRegex = ({ metadata: { annotations } }: Ingress): boolean =>
  annotations?.[`${NGINX}/use-regex`] === 'true' || /\$\d/.test(annotations?.[`${NGINX}/rewrite-target`] ?? '');

export function hostMatches(wanted: string | undefined, host: string): boolean {
  if (!wanted) return true;
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (!wanted.startsWith('*.')) return wanted === name;
  return name.endsWith(wanted.slice(1)) && !name.slice(0, -wanted.length + 1).includes('.');
}

function pathMatch(
  { wanted, pathType, usesRegex }: { wanted: string; pathType: string; usesRegex: boolean },
  path: string,
): RegExpExecArray | undefined {
  if (usesRegex && pathType !== 'Exact') return compiled(wanted)?.exec(path) ?? undefined;
  const plain = escaped(wanted.replace(/\/$/, ''));
  const source = pathType === 'Exact' ? `^${escaped(wanted)}$` : `^${plain}(?:/.*)?$`;
  return new RegExp(source).exec(path) ?? undefined;
}

function compiled(source: string): RegExp | undefined {
  try {
    return new RegExp(`^${source}`, 'i');
  } catch {
    // A rule that nginx could not compile matches nothing.
    return undefined;
  }
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

function byPrecedence(left: Candidate, right: Candidate): number {
  const rank = ({ hasHost, pathType, path }: Candidate) =>
    (hasHost ? 1_000_000 : 0) + (pathType === 'Exact' ? 100_000 : 0) + path.length;
  return rank(right) - rank(left);
}

function routeTo(
  { ingress, backend, match, path: rule }: Candidate,
  { metadata, spec }: Service,
  request: IngressRequest,
): IngressRoute {
  const { number, name } = backend.service?.port ?? {};
  const port = number ?? spec.ports?.find((each) => each.name === name)?.port ?? 0;
  const annotations = ingress.metadata.annotations ?? {};
  const target = annotations[`${NGINX}/rewrite-target`];
  const redirect = redirectOf(ingress, annotations, request);
  return {
    address: `${metadata.name}.${metadata.namespace ?? ''}.svc.cluster.local`,
    port,
    path: target === undefined ? request.path : rewritten(target, match, { path: request.path, rule }),
    upstream: `${metadata.namespace ?? ''}-${metadata.name}-${name ?? number ?? ''}`,
    ...(redirect ? { redirect } : {}),
  };
}

function rewritten(
  target: string,
  match: RegExpExecArray | undefined,
  { path, rule }: { path: string; rule: string },
): string {
  if (/\$\d/.test(target)) return target.replaceAll(/\$(\d)/g, (_, index: string) => match?.[Number(index)] ?? '');
  // Without captures every path below the rule becomes the target, as nginx does it.
  return path.startsWith(rule) || match ? target : path;
}

function redirectOf(
  { spec }: Ingress,
  annotations: Readonly<Record<string, string>>,
  { host, url, isSecure }: IngressRequest,
): string | undefined {
  const permanent = annotations[`${NGINX}/permanent-redirect`];
  if (permanent) return permanent;
  if (isSecure) return undefined;
  const hasTls = (spec.tls ?? []).some(({ hosts = [] }) => hosts.some((one) => hostMatches(one, host)));
  const forced = annotations[`${NGINX}/force-ssl-redirect`] === 'true';
  const wants = forced || (hasTls && annotations[`${NGINX}/ssl-redirect`] !== 'false');
  return wants ? `https://${host.replace(/:\d+$/, '')}${url}` : undefined;
}
