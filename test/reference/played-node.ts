/** A Node that kwok makes Ready, see nodes.yaml. */
export const playedNode = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, annotations: { 'life.test/kubelet': 'on' }, labels: { 'kubernetes.io/hostname': name } },
});
