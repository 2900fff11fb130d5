/** Which certificate an Ingress controller shows for a host: that of the Secret which `spec.tls` names for it. Pure. */
import { X509Certificate } from 'node:crypto';
import type { Ingress, IngressTLS } from '#common/kube/types';
import type { IngressCertificate } from '#main/base/pod-network';
import { hostMatches, ingressesOf } from './ingress-routes';
import type { NetworkObjects } from './network-objects';

type Objects = Pick<NetworkObjects, 'ingresses' | 'secret'>;

/** A section that lists the host comes first; else a certificate that is good for it will do, as ingress-nginx has it. */
export function ingressCertificate(
  objects: Objects,
  ingressClass: string,
  host: string,
): IngressCertificate | undefined {
  const sections = tlsSections(objects, ingressClass).filter(({ ingress }) => isServed(ingress, host));
  const listed = sections.find(({ tls }) => (tls.hosts ?? []).some((one) => hostMatches(one, host)));
  if (listed) return pairOf(objects, listed);
  const pairs = sections.flatMap((section) => pairOf(objects, section) ?? []);
  return pairs.find(({ certificate }) => isGoodFor(certificate, host));
}

/** Those that the controller complains about: `namespace/name`. */
export function missingSecrets(objects: Objects, ingressClass: string): string[] {
  const missing = tlsSections(objects, ingressClass).filter(
    (section) => section.tls.secretName && !pairOf(objects, section),
  );
  return [...new Set(missing.map(({ ingress, tls }) => `${ingress.metadata.namespace}/${tls.secretName}`))];
}

interface Section {
  ingress: Ingress;
  tls: IngressTLS;
}

const tlsSections = (objects: Objects, ingressClass: string): Section[] =>
  ingressesOf(objects, ingressClass).flatMap((ingress) => (ingress.spec.tls ?? []).map((tls) => ({ ingress, tls })));

/** Sections of Ingresses without a rule for the host say nothing about it. */
const isServed = ({ spec }: Ingress, host: string): boolean =>
  (spec.rules ?? []).some((rule) => hostMatches(rule.host, host));

function pairOf(objects: Objects, { ingress, tls }: Section): IngressCertificate | undefined {
  const data = objects.secret(ingress.metadata.namespace ?? '', tls.secretName ?? '')?.data;
  const { 'tls.crt': certificate, 'tls.key': key } = data ?? {};
  return certificate && key ? { certificate: textOf(certificate), key: textOf(key) } : undefined;
}

const textOf = (encoded: string): string => Buffer.from(encoded, 'base64').toString('utf8');

function isGoodFor(certificate: string, host: string): boolean {
  try {
    return new X509Certificate(certificate).checkHost(host) !== undefined;
  } catch {
    // No certificate is good for nothing.
    return false;
  }
}
