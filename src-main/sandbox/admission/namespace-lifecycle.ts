import { Namespaces } from '#common/kube/resources';
import { failure, type ApiStatusError } from '#common/kube/status-error';
import type { AdmissionPlugin, AdmissionRequest } from './plugin';
import { refused } from './refusal';

/** Namespaces that can never be deleted. */
const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);

/** Nothing is made in a namespace that is not there, or that is going. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  mutate(request, cluster) {
    if (request.operation !== 'CREATE' || !request.namespace || request.plural === 'namespaces') return;
    const namespace = cluster.get(Namespaces, request.namespace);
    if (!namespace) {
      throw failure(404, 'NotFound', `namespaces "${request.namespace}" not found`, {
        name: request.namespace,
        kind: 'namespaces',
      });
    }
    if (namespace.status?.phase === 'Terminating' || namespace.metadata.deletionTimestamp) throw terminating(request);
  },
  validate({ operation, plural, group, name }) {
    if (operation !== 'DELETE' || plural !== 'namespaces' || group !== '' || !IMMORTAL.has(name)) return;
    throw failure(403, 'Forbidden', `namespaces "${name}" is forbidden: this namespace may not be deleted`, {
      name,
      kind: 'namespaces',
    });
  },
};

function terminating(request: AdmissionRequest): ApiStatusError {
  const { namespace } = request;
  const text = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const message = `namespace ${namespace} is being terminated`;
  return refused(request, text, [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }]);
}
