// Writes resources/kubernetes-schema/bootstrap-policy.json: the roles, bindings and flow control objects that an API server
// of the release makes by itself, read from one that runs (npm run reference -- start).
// Run by hand when the release changes:  KUBECONFIG=… node scripts/schema/bootstrap-policy.mjs [path of kubectl]
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const kubectl = process.argv[2] ?? 'kubectl';
const file = fileURLToPath(new URL('../../resources/kubernetes-schema/bootstrap-policy.json', import.meta.url));

/** What the server makes by itself carries one of these. */
const MARKS = ['rbac.authorization.kubernetes.io/autoupdate', 'apf.kubernetes.io/autoupdate-spec'];

function objectsOf(resource) {
  const options = { encoding: 'utf8', maxBuffer: 1 << 28 };
  const { items } = JSON.parse(execFileSync(kubectl, ['get', resource, '--all-namespaces', '-o', 'json'], options));
  return items.filter(({ metadata }) => MARKS.some((mark) => mark in (metadata.annotations ?? {}))).map(seedOf);
}

/** Without what the server fills in. Rules of a role that gathers others come from a controller, later. */
function seedOf({ metadata: { name, namespace, labels, annotations }, ...rest }) {
  const { apiVersion: _apiVersion, kind: _kind, status: _status, rules, ...own } = rest;
  const metadata = { name, ...(namespace ? { namespace } : {}), ...(labels ? { labels } : {}), annotations };
  return { metadata, ...own, ...(rules && !own.aggregationRule ? { rules } : {}) };
}

const policy = {
  clusterRoles: objectsOf('clusterroles'),
  clusterRoleBindings: objectsOf('clusterrolebindings'),
  roles: objectsOf('roles'),
  roleBindings: objectsOf('rolebindings'),
  priorityLevelConfigurations: objectsOf('prioritylevelconfigurations'),
  flowSchemas: objectsOf('flowschemas'),
};
writeFileSync(file, `${JSON.stringify(policy)}\n`);
