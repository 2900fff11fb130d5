/** `/metrics` of the API server, with the names, labels and words of the real one. */
import { groupResource } from '#common/kube/resource';
import { counter, gauge, prometheusText, type MetricFamily } from '#main/base/prometheus-text';
import type { ServerParts } from './exchange';
import { VERSION_INFO } from './version';

const startedSeconds = Date.now() / 1000 - process.uptime();

export function serverMetricsText(server: ServerParts): string {
  const families = [...server.counters.families(), ...objectFamilies(server), ...processFamilies(), ...buildFamilies()];
  return prometheusText(families);
}

function objectFamilies({ catalogue, store }: ServerParts): MetricFamily[] {
  const stored = [...catalogue.registries()].map(({ resource, collection }) => ({ resource, count: collection.size }));
  const watched = stored.map(({ resource: { group, plural } }) => ({
    labels: { group, resource: plural },
    value: Number(store.revision),
  }));
  return [
    gauge(
      'apiserver_resource_objects',
      '[ALPHA] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
      stored.map(({ resource: { group, plural }, count }) => ({ labels: { group, resource: plural }, value: count })),
    ),
    gauge(
      'apiserver_storage_objects',
      '[STABLE] (Deprecated since 1.34.0) [DEPRECATED, consider using apiserver_resource_objects instead] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
      stored.map(({ resource, count }) => ({ labels: { resource: groupResource(resource) }, value: count })),
    ),
    gauge(
      'apiserver_watch_cache_resource_version',
      '[ALPHA] Current resource version of watch cache broken by resource type. This is truncated to the 15 least significant digits.',
      watched,
    ),
  ];
}

function processFamilies(): MetricFamily[] {
  const { user, system } = process.cpuUsage();
  return [
    counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', [
      { value: (user + system) / 1e6 },
    ]),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', [{ value: process.memoryUsage.rss() }]),
    gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', [
      { value: startedSeconds },
    ]),
  ];
}

function buildFamilies(): MetricFamily[] {
  const { major, minor, gitVersion, gitCommit, gitTreeState, buildDate, goVersion, compiler, platform } = VERSION_INFO;
  const labels = {
    build_date: buildDate,
    compiler,
    git_commit: gitCommit,
    git_tree_state: gitTreeState,
    git_version: gitVersion,
    go_version: goVersion,
    major,
    minor,
    platform,
  };
  return [
    gauge(
      'kubernetes_build_info',
      "[BETA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
      [{ labels, value: 1 }],
    ),
  ];
}
