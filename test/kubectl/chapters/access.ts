import { quietly, unordered, type Chapter } from './chapter';

const ROLES = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader, namespace: '{ns}' }
rules:
  - { apiGroups: [''], resources: [pods, configmaps], verbs: [get, list] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: readers, namespace: '{ns}' }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: ann }]
`;

const SIGNING = (name: string, signer: string, request: string) => `apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: { name: ${name} }
spec: { request: ${request}, signerName: ${signer}, usages: [digital signature, key encipherment, client auth] }
`;

/** Of `CN=ann`, with a key that nobody has kept. */
const REQUEST =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlISU1IQUNBUUF3RGpFTU1Bb0dBMVVFQXd3RFlXNXVNRmt3RXdZSEtvWkl6ajBDQVFZSUtvWkl6ajBEQVFjRApRZ0FFWkt2eXBHVk9paEwwbDl6YVZ2OEhEWUNBZDI0VTZ6cVJsRVM1cmE0RHpvYTlFM1p0UUlRYzkwTU9sb0FECjI5UmtJVnJ2d2pwQVo0VHlpNlpvRzArKzhxQUFNQW9HQ0NxR1NNNDlCQU1DQTBnQU1FVUNJUURnZjBuTEZqZisKVEwyRExDdmxNaWdld2ZaNytlem9DMTlJbElmZ1hnajlQd0lnZjdjZkxQL2tpZFBpeTB5QmlVMTluODB6WDF5VApWU0hmdjRrRHlKZXRabG89Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=';

/** Who may do what: auth, impersonation, certificates. */
export const access: Chapter = {
  name: 'access',
  files: {
    'roles.yaml': ROLES,
    'more.yaml': ROLES.replace('verbs: [get, list]', 'verbs: [get, watch]').replace('name: ann', 'name: bob'),
    'signed.yaml': SIGNING('k-access-signed', 'kubernetes.io/kube-apiserver-client', REQUEST),
    'denied.yaml': SIGNING('k-access-denied', 'kubernetes.io/kube-apiserver-client', REQUEST),
    'pod.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec: { containers: [{ name: a, image: b }] }\n',
  },
  lines: [
    'kubectl auth reconcile -f roles.yaml --dry-run=client',
    'kubectl auth reconcile -f roles.yaml',
    'kubectl auth reconcile -f roles.yaml',
    'kubectl auth reconcile -f more.yaml',
    'kubectl get role reader -o jsonpath={.rules}',
    'kubectl get rolebinding readers -o jsonpath="{.subjects[*].name}"',
    'kubectl auth reconcile -f more.yaml --remove-extra-permissions --remove-extra-subjects',
    'kubectl get role reader -o jsonpath={.rules}',
    'kubectl auth reconcile -f pod.yaml',
    quietly('kubectl apply -f roles.yaml 2>/dev/null'),
    'kubectl auth whoami',
    'kubectl auth whoami -o yaml',
    'kubectl auth whoami --as=ann --as-group=devs --as-uid=7',
    'kubectl auth whoami --as=ann --as-user-extra=reason=test -o json',
    'kubectl auth whoami --as=system:serviceaccount:{ns}:default',
    'kubectl auth can-i get pods --as=ann',
    'kubectl auth can-i delete pods --as=ann',
    'kubectl auth can-i get pods --as=ann -n default',
    'kubectl auth can-i get pods --as=ann -A',
    'kubectl auth can-i get pods --as=ann --subresource=log',
    'kubectl auth can-i get pods/x --as=ann',
    'kubectl auth can-i "*" "*"',
    'kubectl auth can-i get /healthz --as=ann',
    'kubectl auth can-i get /healthz',
    'kubectl auth can-i get nothings',
    'kubectl auth can-i get nodes --as=ann',
    'kubectl auth can-i dance pods',
    'kubectl auth can-i get',
    'kubectl auth can-i delete pods --as=ann -q; echo $?',
    unordered('kubectl auth can-i --list --as=ann'),
    unordered('kubectl auth can-i --list --as=ann --no-headers -n default'),
    'kubectl get pods --as=bob',
    'kubectl get configmap kube-root-ca.crt -o name --as=ann',
    'kubectl delete configmap kube-root-ca.crt --as=ann',
    'kubectl create configmap x --as=ann',
    'kubectl label configmap kube-root-ca.crt a=b --as=ann',
    'kubectl get configmaps --as=ann -A',
    'kubectl get nodes --as=ann',
    'kubectl get --raw /metrics --as=ann',
    'kubectl create role wide --verb="*" --resource=secrets --as=ann',
    'kubectl create rolebinding wide --clusterrole=cluster-admin --user=ann --as=system:serviceaccount:{ns}:default',
    'kubectl create clusterrolebinding k-access --clusterrole=view --user=carl && kubectl get secrets --as=carl',
    'kubectl get limitranges -n kube-public -o name --as=carl',
    'kubectl delete clusterrolebinding k-access',
    'kubectl create -f signed.yaml -f denied.yaml',
    'kubectl get csr k-access-signed k-access-denied',
    'kubectl certificate approve k-access-signed',
    'kubectl certificate approve k-access-signed',
    'kubectl certificate deny k-access-denied',
    'kubectl certificate approve k-access-denied',
    'kubectl certificate approve nobody',
    'kubectl certificate deny k-access-signed --force',
    quietly("kubectl wait --for=jsonpath='{.status.certificate}' csr/k-access-signed --timeout=30s"),
    'kubectl get csr k-access-signed -o jsonpath="{.status.conditions[*].type} {.status.conditions[*].reason}"',
    'kubectl get csr k-access-signed k-access-denied -o wide',
    'kubectl delete csr k-access-signed k-access-denied',
    'kubectl get configmaps --as=ann --as-group=system:masters -o name',
    'kubectl get configmaps --as-group=devs 2>&1 | sed "s/for .*-admin/for ME/"',
  ],
};
