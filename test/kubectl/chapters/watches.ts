import { quietly, type Chapter } from './chapter';

/** A command that goes on until what it shows is complete. */
const watched = (command: string, last: string, ...meanwhile: string[]): string =>
  [
    `${command} > seen.txt 2>&1 & watch=$!`,
    ...meanwhile,
    `until-holds "${last}" seen.txt; kill $watch; wait $watch 2>/dev/null; cat seen.txt`,
  ].join('; ');

const EVENT = `apiVersion: v1
kind: Event
metadata: { name: NAME }
involvedObject: { kind: ConfigMap, apiVersion: v1, name: OBJECT, namespace: '{ns}' }
reason: Tried
message: MESSAGE
type: TYPE
source: { component: tester }
firstTimestamp: '2026-01-01T00:00:00Z'
lastTimestamp: '2026-01-01T00:00:00Z'
count: 1
`;
const event = (name: string, object: string, type: string, message: string): string =>
  EVENT.replace('NAME', name).replace('OBJECT', object).replace('TYPE', type).replace('MESSAGE', message);

/** What goes on looking: get -w, events and wait. */
export const watches: Chapter = {
  name: 'watches',
  files: {
    'event-1.yaml': event('e1', 'one', 'Normal', 'all is well'),
    'event-2.yaml': event('e2', 'two', 'Warning', 'it is not'),
    'event-3.yaml': event('e3', 'one', 'Warning', 'later'),
  },
  lines: [
    quietly('kubectl create configmap one && kubectl create configmap two'),
    watched(
      'kubectl get cm one -w --show-labels',
      'x1=y',
      'until-holds one seen.txt',
      'kubectl label cm one x1=y -o name',
    ),
    watched(
      'kubectl get cm one -w -o jsonpath=\'{.metadata.labels}{"\\n"}\'',
      'x3',
      'until-holds x1 seen.txt',
      'kubectl label cm one x2=y -o name',
      'until-holds x2 seen.txt',
      'kubectl label cm one x3=y -o name',
    ),
    watched(
      'kubectl get cm -l temp --watch-only -o name',
      'three',
      'sleep 1',
      'kubectl create cm three',
      'kubectl label cm three temp=1',
    ),
    watched(
      'kubectl get cm -l x1 -w --output-watch-events',
      'DELETED',
      'until-holds ADDED seen.txt',
      'kubectl annotate cm one a=b',
      'until-holds MODIFIED seen.txt',
      'kubectl label cm one x1-',
    ),
    watched(
      'kubectl get cm two -w --output-watch-events',
      'DELETED',
      'until-holds ADDED seen.txt',
      'kubectl delete cm two',
    ),
    quietly('kubectl create -f event-1.yaml -f event-2.yaml'),
    'kubectl events | sed "s/^[0-9a-z]* /AGE /"',
    'kubectl events --for=configmap/two --no-headers | cut -c20-',
    'kubectl events --types=Warning -o name',
    'kubectl events --types=Odd',
    'kubectl events --for=odd',
    'kubectl events --for=nothing/two',
    'kubectl events --for=configmap/none',
    'kubectl events -o jsonpath="{.items[*].message}"',
    'kubectl get events --field-selector=type=Warning,reason=Tried -o jsonpath="{.items[*].message}"',
    'kubectl get events --field-selector=involvedObject.name=one -o custom-columns=O:.involvedObject.name,R:.reason,T:.type',
    'kubectl get events.events.k8s.io --field-selector=regarding.name=one -o jsonpath="{.items[*].note}"',
    watched(
      'kubectl events --for=configmap/one -w',
      'later',
      'until-holds well seen.txt',
      'kubectl create -f event-3.yaml',
    ) + ' | sed "s/[0-9a-z]* *(*x*.*) *//;s/^[0-9][0-9a-z]* /AGE /"',
    'kubectl wait --for=jsonpath={.metadata.name}=one cm/one --timeout=5s',
    'kubectl wait --for=jsonpath={.metadata.name} cm/one --timeout=5s',
    'kubectl wait --for=jsonpath={.metadata.none}=one cm/one --timeout=1s',
    'kubectl wait --for=jsonpath={.metadata.labels.x2}=n cm/one --timeout=1s',
    'kubectl wait --for=condition=Ready cm/one --timeout=1s',
    'kubectl wait --for=condition=Ready cm/one --timeout=0',
    'kubectl wait --for=condition=Ready cm/nobody --timeout=1s',
    'kubectl wait --for=delete cm/nobody --timeout=1s',
    'kubectl wait --for=delete cm/one --timeout=1s',
    'kubectl wait --for=delete cm -l none=x --timeout=1s',
    'kubectl wait --for=create cm/one --timeout=1s',
    'kubectl wait --for=create cm/later --timeout=1s',
    '(sleep 1; kubectl create cm later >/dev/null) & kubectl wait --for=create cm/later --timeout=30s; wait',
    '(sleep 1; kubectl delete cm later >/dev/null) & kubectl wait --for=delete cm/later --timeout=30s; wait',
    '(sleep 1; kubectl label cm one x9=y >/dev/null) & kubectl wait --for=jsonpath={.metadata.labels.x9}=y cm/one --timeout=30s; wait',
    'kubectl wait --for=odd cm/one',
    'kubectl wait cm/one',
    'kubectl wait --for=condition=Available deployment --all --timeout=1s',
    'kubectl wait --for=condition=Ready nodes --all --timeout=10s',
    'kubectl wait --for=condition=ready=false nodes --all --timeout=1s',
    'kubectl wait --for=jsonpath=\'{.status.conditions[?(@.type=="Ready")].status}\'=True nodes --all --timeout=10s',
  ],
};
