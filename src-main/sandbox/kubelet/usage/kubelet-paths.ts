/** The pages of a kubelet's own server, as the API server's node proxy shows them. */
import type { Pod } from '#common/kube/types';
import type { NodeAnswer } from '#main/base/node-api';
import { PROMETHEUS_TYPE } from '#main/base/prometheus-text';
import { cadvisorMetricsText } from './cadvisor-endpoint';
import { kubeletMetricsText, probeMetricsText } from './kubelet-endpoint';
import type { NodeReading } from './reading';
import { resourceMetricsText } from './resource-endpoint';
import { statsSummary } from './stats-summary';

export interface KubeletPages {
  read: () => Promise<NodeReading | undefined>;
  pods: () => readonly Pod[];
  now: () => number;
}

type Page = (pages: KubeletPages, reading: NodeReading) => NodeAnswer;

const metrics = (body: string): NodeAnswer => ({ status: 200, type: PROMETHEUS_TYPE, body });
const json = (value: unknown): NodeAnswer => ({ status: 200, type: 'application/json', body: JSON.stringify(value) });
const plain = (status: number, body: string): NodeAnswer => ({ status, type: 'text/plain; charset=utf-8', body });

const PAGES: Readonly<Record<string, Page>> = {
  '/healthz': () => plain(200, 'ok'),
  '/healthz/ping': () => plain(200, 'ok'),
  '/healthz/syncloop': () => plain(200, 'ok'),
  '/metrics': ({ pods, now }, reading) => metrics(kubeletMetricsText(reading, pods(), now())),
  '/metrics/cadvisor': ({ now }, reading) => metrics(cadvisorMetricsText(reading, now())),
  '/metrics/resource': ({ now }, reading) => metrics(resourceMetricsText(reading, now())),
  '/metrics/probes': (_pages, reading) => metrics(probeMetricsText(reading)),
  '/stats/summary': ({ now }, reading) => json(statsSummary(reading, now())),
  '/pods': ({ pods }) => json(podList(pods())),
  '/runningpods/': (_pages, { pods }) => json(podList(pods.map(({ pod }) => pod))),
};

/** What a kubelet answers to GET; 404 for pages it does not have. */
export async function kubeletPage(path: string, pages: KubeletPages): Promise<NodeAnswer> {
  const page = PAGES[path] ?? PAGES[path.replace(/\/+$/, '')];
  const reading = page && (await pages.read());
  return reading && page ? page(pages, reading) : plain(404, '404 page not found\n');
}

function podList(items: readonly Pod[]): object {
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items };
}
