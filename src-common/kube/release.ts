/** The Kubernetes release that a sandbox is faithful to: the one that the judge in `test/reference` builds. */
export const RELEASE = 'v1.36.3';
