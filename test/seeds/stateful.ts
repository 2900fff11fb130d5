import type { Seed } from './seed';

/** Row 7: sets of Pods with names, order and disks of their own. */
export const stateful: readonly Seed[] = [
  {
    row: 7,
    title: 'StatefulSet: a MySQL cluster and an Elasticsearch cluster',
    nodes: 4,
    rate: 10,
    steps: [
      { run: 'kubectl apply -f mysql.yaml', shows: /statefulset.apps\/mysql created/ },
      { run: 'kubectl get pods -l app=mysql', shows: /mysql-0 +\d\/2 +Init:/, until: true },
      { run: 'kubectl rollout status statefulset/mysql --timeout=80s', shows: /3 pods/ },
      {
        run: 'kubectl get pods -l app=mysql',
        shows: [/mysql-0 +2\/2 +Running +0/, /mysql-1 +2\/2 +Running +0/, /mysql-2 +2\/2 +Running +0/],
      },
      { run: 'kubectl get pvc', shows: [/data-mysql-0 +Bound/, /data-mysql-1 +Bound/, /data-mysql-2 +Bound/] },
      { run: 'kubectl logs mysql-1 -c clone-mysql', shows: /ncat --recv-only mysql-0\.mysql 3307/ },
      {
        say: 'What is written to the first member is read from the others.',
        run: `kubectl exec mysql-0 -c mysql -- mysql -e "CREATE DATABASE test; CREATE TABLE test.messages (message VARCHAR(250)); INSERT INTO test.messages VALUES ('hello')"`,
      },
      {
        run: 'kubectl exec mysql-2 -c mysql -- mysql -e "SELECT * FROM test.messages"',
        shows: /message\s+hello/,
        until: true,
      },
      {
        run: `kubectl run mysql-client --image=mysql:5.7 -i --rm --restart=Never --quiet -- mysql -h mysql-read -e "SELECT @@server_id"`,
        shows: /10[012]/,
      },
      { run: 'kubectl scale statefulset mysql --replicas=4', shows: /scaled/ },
      { run: 'kubectl get pod mysql-3', shows: /2\/2 +Running/, until: true },
      {
        run: 'kubectl exec mysql-3 -c mysql -- mysql -e "SELECT * FROM test.messages"',
        shows: /hello/,
        until: true,
      },
      { run: 'kubectl scale statefulset mysql --replicas=3', shows: /scaled/ },
      { run: 'kubectl get pods -l app=mysql', hides: /mysql-3/, until: true },
      { run: 'kubectl get pvc data-mysql-3', shows: /Bound/ },
      {
        say: 'A member loses its node: drained away, it comes back elsewhere with its files.',
        run: 'kubectl drain $(kubectl get pod mysql-2 -o jsonpath={.spec.nodeName}) --ignore-daemonsets --delete-emptydir-data --force',
        shows: /pod\/mysql-2 evicted/,
      },
      { run: 'kubectl get pod mysql-2', shows: /2\/2 +Running/, until: true },
      { run: 'kubectl exec mysql-2 -c mysql -- mysql -e "SELECT * FROM test.messages"', shows: /hello/, until: true },
      { run: 'kubectl uncordon -l kubernetes.io/os=linux', shows: /uncordoned/ },
      { run: 'kubectl delete statefulset mysql', shows: /deleted/ },
      { run: 'kubectl apply -f elasticsearch.yaml', shows: /statefulset.apps\/es-cluster created/ },
      { run: 'kubectl rollout status statefulset/es-cluster --timeout=80s', shows: /3 pods/ },
      {
        run: 'kubectl exec es-cluster-0 -- curl -s localhost:9200/_cat/nodes',
        shows: [/es-cluster-0/, /es-cluster-1/, /es-cluster-2/],
        until: true,
      },
      {
        run: `kubectl exec es-cluster-1 -- curl -s -XPUT localhost:9200/notes/_doc/1 -H 'Content-Type: application/json' -d '{"text":"kept"}'`,
        shows: /"result": ?"created"/,
      },
      { run: 'kubectl delete pod es-cluster-1', shows: /deleted/ },
      { run: 'kubectl get pod es-cluster-1', shows: /1\/1 +Running/, until: true },
      { run: 'kubectl exec es-cluster-1 -- curl -s localhost:9200/notes/_doc/1', shows: /"kept"/, until: true },
      {
        run: 'kubectl exec es-cluster-0 -- curl -s "localhost:9200/_cluster/health?pretty"',
        shows: /"number_of_nodes" : 3/,
        until: true,
      },
    ],
  },
];
