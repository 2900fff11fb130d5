// Measures the engine behind the big tables: 150,000 Pods, filtered, sorted and changed.
// usage: forked by run.mjs with --expose-gc, or alone: node --expose-gc bench/tables.mjs
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { best } from './api-client.mjs';

const ROWS = 150_000;
const RUNS = 5;
const CHANGES = 1000;
const root = dirname(import.meta.dirname);

const filters = { text: 'pod-77', word: 'ns:ns-3', status: 'status:running', label: 'app=web-7' };
const sorts = ['name', 'namespace', 'node', 'restarts', 'age', 'status'];

export async function measureTables() {
  const { TableEngine, podKind } = await bundled();
  const objects = Array.from({ length: ROWS }, (_one, index) => received(pod(index)));
  const look = { filter: '', sort: [], window: { first: 0, count: 50 } };
  const before = heapMb();
  const engine = new TableEngine(podKind, look, () => Date.parse('2026-01-02T00:00:00Z'));
  engine.apply(objects.map((object) => ({ type: 'added', object })));
  const firstMs = await best(1, () => engine.show());
  const row_bytes = ((heapMb() - before) * 2 ** 20) / ROWS;
  return {
    table_first_ms: firstMs,
    table_row_bytes: row_bytes,
    table_filter_ms: Math.max(...(await filterTimes(engine))),
    table_sort_ms: Math.max(...(await sortTimes(engine))),
    table_change_us: (await changeTime(engine, objects)) * 1000,
  };
}

/** The best of some runs for each filter; the last one takes it away. */
async function filterTimes(engine) {
  const times = [];
  for (const filter of [...Object.values(filters), '']) {
    times.push(
      await best(RUNS, () => {
        engine.setFilter(filter);
        engine.show();
      }),
    );
  }
  return times;
}

async function sortTimes(engine) {
  const times = [];
  for (const column of sorts) {
    for (const descending of [false, true]) {
      times.push(
        await best(RUNS, () => {
          engine.setSort([{ column, descending }]);
          engine.show();
        }),
      );
    }
  }
  return times;
}

/** Milliseconds for one changed object in a table that is sorted by what changes. */
async function changeTime(engine, objects) {
  engine.setSort([{ column: 'restarts', descending: true }]);
  engine.show();
  let turn = 0;
  const ms = await best(RUNS, () => {
    turn++;
    for (let index = 0; index < CHANGES; index++) {
      const at = (index * 7919) % ROWS;
      engine.apply([{ type: 'changed', object: received(pod(at, turn)) }]);
    }
    engine.show();
  });
  return ms / Math.min(CHANGES, objects.length);
}

/** As it comes from a server: texts that were put together here are slower to compare than those of a parsed answer. */
function received(object) {
  return JSON.parse(JSON.stringify(object));
}

function pod(index, more = 0) {
  const name = `web-${index % 97}-${(index * 2654435761) % 4294967296}-pod-${index}`;
  const restarts = (index % 17) + more;
  const ready = { name: 'c', ready: true, restartCount: restarts, image: 'nginx:1.29', state: { running: {} } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: `ns-${index % 40}`,
      uid: `uid-${index}`,
      resourceVersion: `${index}`,
      creationTimestamp: new Date(Date.UTC(2026, 0, 1) + ((index * 7919) % 86_400) * 1000).toISOString(),
      labels: { app: `web-${index % 97}` },
    },
    spec: { nodeName: `node-${index % 5000}`, containers: [{ name: 'c', image: 'nginx:1.29' }] },
    status: {
      phase: index % 50 === 0 ? 'Pending' : 'Running',
      podIP: `10.${index >>> 16}.${(index >>> 8) & 255}.${index & 255}`,
      containerStatuses: [ready],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

function heapMb() {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** The two modules as the program has them. */
async function bundled() {
  const outDir = mkdtempSync(join(tmpdir(), 'pilothouse-tables-'));
  const input = { engine: 'src-main/tables/table-engine.ts', pod: 'src-common/kinds/pod.ts' };
  try {
    await build({
      root,
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true },
      build: { ssr: true, outDir, emptyOutDir: true, rolldownOptions: { input } },
    });
    const load = (name) =>
      import(pathToFileURL(join(outDir, `${name}.mjs`)).href).catch(() => import(join(outDir, `${name}.js`)));
    const [{ TableEngine }, { podKind }] = await Promise.all([load('engine'), load('pod')]);
    return { TableEngine, podKind };
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const figures = await measureTables();
  if (process.send) process.send(figures);
  else console.log(figures);
}
