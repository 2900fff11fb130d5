// The Kubernetes release that is modelled, its Go modules and the API packages read from them.

export const RELEASE = '1.36';

/**
 * Module -> version. The API modules of a release v1.X.Y are published as v0.X.Y; of k8s.io/kubernetes, which holds the
 * discovery and OpenAPI documents, this is the newest patch that the module proxy serves.
 */
export const MODULES = {
  'k8s.io/api': 'v0.36.6',
  'k8s.io/apimachinery': 'v0.36.6',
  'k8s.io/apiextensions-apiserver': 'v0.36.6',
  'k8s.io/kube-aggregator': 'v0.36.6',
  'k8s.io/metrics': 'v0.36.6',
  'k8s.io/client-go': 'v0.36.6',
  'k8s.io/kubernetes': 'v1.36.3',
};

const api = (folder, group, version = 'v1') => ({
  path: `k8s.io/api/${folder}/${version}`,
  id: `io.k8s.api.${folder}.${version}`,
  group,
  version,
});

/** Packages whose kinds are served, in the order in which they may claim a short type name. */
export const API_PACKAGES = [
  api('core', ''),
  api('apps', 'apps'),
  api('batch', 'batch'),
  api('autoscaling', 'autoscaling', 'v2'),
  api('autoscaling', 'autoscaling', 'v1'),
  api('networking', 'networking.k8s.io'),
  api('policy', 'policy'),
  api('rbac', 'rbac.authorization.k8s.io'),
  api('storage', 'storage.k8s.io'),
  api('scheduling', 'scheduling.k8s.io'),
  api('coordination', 'coordination.k8s.io'),
  api('discovery', 'discovery.k8s.io'),
  api('events', 'events.k8s.io'),
  api('node', 'node.k8s.io'),
  api('authentication', 'authentication.k8s.io'),
  api('authorization', 'authorization.k8s.io'),
  api('certificates', 'certificates.k8s.io'),
  api('admissionregistration', 'admissionregistration.k8s.io'),
  {
    path: 'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1',
    id: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
    group: 'apiextensions.k8s.io',
    version: 'v1',
  },
  {
    path: 'k8s.io/kube-aggregator/pkg/apis/apiregistration/v1',
    id: 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1',
    group: 'apiregistration.k8s.io',
    version: 'v1',
  },
  api('flowcontrol', 'flowcontrol.apiserver.k8s.io'),
  api('resource', 'resource.k8s.io'),
  {
    path: 'k8s.io/metrics/pkg/apis/metrics/v1beta1',
    id: 'io.k8s.metrics.pkg.apis.metrics.v1beta1',
    group: 'metrics.k8s.io',
    version: 'v1beta1',
  },
];

/** Packages that hold shared types. */
export const META_PACKAGES = [
  {
    path: 'k8s.io/apimachinery/pkg/apis/meta/v1',
    id: 'io.k8s.apimachinery.pkg.apis.meta.v1',
    group: 'meta.k8s.io',
    version: 'v1',
  },
  { path: 'k8s.io/apimachinery/pkg/runtime', id: 'io.k8s.apimachinery.pkg.runtime', group: '', version: '' },
  { path: 'k8s.io/apimachinery/pkg/types', id: 'io.k8s.apimachinery.pkg.types', group: '', version: '' },
];
