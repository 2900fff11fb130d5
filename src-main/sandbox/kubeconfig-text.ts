import type { ClusterCertificates } from './authn/certificates';

/** A kubeconfig (YAML) whose only context, cluster and user belong to the administrator of the cluster at `url`. */
export function kubeconfigText(name: string, url: string, { authority, admin }: ClusterCertificates): string {
  const user = `${name}-admin`;
  return `apiVersion: v1
kind: Config
clusters:
- name: ${name}
  cluster:
    server: ${url}
    certificate-authority-data: ${base64(authority.certificate)}
users:
- name: ${user}
  user:
    client-certificate-data: ${base64(admin.certificate)}
    client-key-data: ${base64(admin.key)}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${user}
current-context: ${name}
`;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
