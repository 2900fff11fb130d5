/** Counts requests and how long they took, for `/metrics`. */
import { Histogram, type Labels, type MetricFamily, type Sample } from '#main/base/prometheus-text';
import type { RequestCounters } from './exchange';
import type { RequestInfo } from './request-info';

/** Bounds of apiserver_request_duration_seconds. */
const SECONDS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

/** Requests that are alike but for their outcome. */
interface Tally {
  labels: Labels;
  durations: Histogram;
  codes: Map<number, number>;
}

export function requestCounters(): RequestCounters {
  const tallies = new Map<string, Tally>();
  const inflight = { mutating: 0, readOnly: 0 };
  return {
    begin(info) {
      const kind = READ_ONLY.has(info.verb) ? 'readOnly' : 'mutating';
      inflight[kind]++;
      return () => void inflight[kind]--;
    },
    count(info, { method, dryRun, code, seconds }) {
      const verb = verbOf(info, method);
      const key = `${verb} ${dryRun ? 'All' : ''} ${info.group} ${info.version} ${info.plural} ${subresourceOf(info)} ${scopeOf(info)}`;
      let tally = tallies.get(key);
      if (!tally) tallies.set(key, (tally = newTally(info, verb, dryRun)));
      tally.codes.set(code, (tally.codes.get(code) ?? 0) + 1);
      tally.durations.observe(seconds);
    },
    families: () => familiesOf([...tallies.values()], inflight),
  };
}

const READ_ONLY = new Set(['get', 'list', 'watch', 'head', 'options']);

function newTally(info: RequestInfo, verb: string, dryRun: boolean): Tally {
  const { group, version, plural, isResource } = info;
  const labels = {
    component: isResource ? 'apiserver' : '',
    dry_run: dryRun ? 'All' : '',
    group,
    resource: plural,
    scope: scopeOf(info),
    subresource: subresourceOf(info),
    verb,
    version,
  };
  return { labels, durations: new Histogram(SECONDS), codes: new Map() };
}

const METHODS: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' };
const CONNECTED = new Set(['exec', 'attach', 'portforward', 'proxy']);

function verbOf({ verb, subresource, isResource }: RequestInfo, method: string): string {
  if (!isResource) return method;
  return CONNECTED.has(subresource) ? 'CONNECT' : (METHODS[verb] ?? verb.toUpperCase());
}

/** Paths that are no resources are counted by their first words: names in them would have no end. */
function subresourceOf({ isResource, subresource, path }: RequestInfo): string {
  return isResource ? subresource : path.split('/').slice(0, 2).join('/');
}

function scopeOf({ isResource, name, verb, namespace }: RequestInfo): string {
  if (!isResource) return '';
  if (name || verb === 'create') return 'resource';
  return namespace ? 'namespace' : 'cluster';
}

function familiesOf(tallies: readonly Tally[], inflight: Readonly<Record<string, number>>): MetricFamily[] {
  return [
    {
      name: 'apiserver_current_inflight_requests',
      type: 'gauge',
      help: '[STABLE] Maximal number of currently used inflight request limit of this apiserver per request kind in last second.',
      samples: Object.entries(inflight).map(([request_kind, value]): Sample => ({ labels: { request_kind }, value })),
    },
    {
      name: 'apiserver_request_duration_seconds',
      type: 'histogram',
      help: '[STABLE] Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.',
      samples: tallies.flatMap(({ labels, durations }) => durations.samples(labels)),
    },
    {
      name: 'apiserver_request_total',
      type: 'counter',
      help: '[STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
      samples: tallies.flatMap(({ labels, codes }) =>
        [...codes].map(([code, value]): Sample => ({ labels: { code: String(code), ...labels }, value })),
      ),
    },
  ];
}
