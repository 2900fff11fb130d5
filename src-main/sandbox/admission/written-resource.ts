import type { AdmissionRequest } from './plugin';

/** `pods`, `ingresses.networking.k8s.io`; with the subresource behind a slash where there is one. */
export function writtenResource({ group, plural, subresource }: AdmissionRequest): string {
  const resource = group ? `${plural}.${group}` : plural;
  return subresource ? `${resource}/${subresource}` : resource;
}
