/** The releases that the reference is built from. Kubernetes' minor is the one that the sandbox imitates. */
export const KUBERNETES = 'v1.36.3';
export const ETCD = 'v3.6.8';
export const KWOK = 'v0.8.0';

/** `k8s.io/api` and the like carry the same minor and patch under v0. */
export const stagingOf = (version: string): string => version.replace(/^v1\./, 'v0.');

/** Everything that decides what the binaries are; a change builds them anew. */
export const REFERENCE = `kubernetes-${KUBERNETES}-etcd-${ETCD}-kwok-${KWOK}`;
