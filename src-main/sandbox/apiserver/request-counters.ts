import type { RequestCounters } from './exchange';

/** Counts answers by verb, resource and code, and writes them as Prometheus reads them. */
export function requestCounters(): RequestCounters {
  const counts = new Map<string, number>();
  return {
    count(verb, resource, code) {
      const key = `code="${code}",resource="${resource}",verb="${verb.toUpperCase()}"`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    text() {
      const lines = [...counts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, count]) => `apiserver_request_total{${key}} ${count}`);
      const head = [
        '# HELP apiserver_request_total Counter of apiserver requests broken out for each verb, resource and code.',
        '# TYPE apiserver_request_total counter',
      ];
      return `${[...head, ...lines].join('\n')}\n`;
    },
  };
}
