// Measures how many Pods a second the scheduler finds places for among 5,000 nodes: the decisions alone, by kind of Pod.
// usage: forked by run.mjs, or alone: node bench/scheduling.mjs [--nodes 5000] [--pods 3000]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';

const root = dirname(import.meta.dirname);
const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';

/** What each kind of Pod asks for besides cpu and memory; the labels are those of its own kind. */
export const kinds = {
  plain: () => ({}),
  spread: (labels) => ({ topologySpreadConstraints: [hardSpread(ZONE, 5, labels), hardSpread(HOST, 2, labels)] }),
  anti_affinity: (labels) => ({ affinity: { podAntiAffinity: required(term(HOST, labels)) } }),
  affinity: (labels) => ({ affinity: { podAffinity: required(term(ZONE, labels)) } }),
  preferred: (labels) => ({ affinity: { podAffinity: preferred(term(HOST, labels), term(ZONE, labels)) } }),
  preferred_anti: (labels) => ({ affinity: { podAntiAffinity: preferred(term(HOST, labels)) } }),
};

/** Pods that are there already and have nothing to do with those that are placed. */
const SETTLED_PER_NODE = 2;

export async function measureScheduling({ nodes = 5000, pods = 3000 } = {}) {
  const modules = await bundled();
  const figures = {};
  for (const [kind, specOf] of Object.entries(kinds))
    figures[`schedule_${kind}_per_s`] = rateOf(specOf({ app: 'web' }), { nodes, pods }, modules);
  return { ...figures, schedule_evicting_per_s: evictionRate({ nodes, pods: pods / 10 }, modules) };
}

function rateOf(spec, { nodes, pods }, modules) {
  const { view, decideOn } = openView(nodes, modules);
  for (let at = 0; at < nodes * SETTLED_PER_NODE; at++)
    view.states.place(pod(`old-${at}`, { app: `old-${at % 50}` }), `node-${at % nodes}`);
  return perSecond(pods, (at) => {
    const next = pod(`new-${at}`, { app: 'web' }, spec);
    const { nodeName, message } = decideOn(next);
    if (nodeName === undefined) throw new Error(message);
    view.states.place(next, nodeName);
  });
}

/** Every node is full of Pods that matter less: whom to evict is decided again and again. */
function evictionRate({ nodes, pods }, modules) {
  const { view, decideOn } = openView(nodes, modules);
  const asking = (cpu) => ({ containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu } } }] });
  for (let at = 0; at < nodes * 8; at++)
    view.states.place(pod(`old-${at}`, { app: `old-${at % 50}` }, asking('1')), `node-${at % nodes}`);
  return perSecond(pods, (at) => {
    const next = pod(`new-${at}`, { app: 'web' }, { ...asking('2'), priority: 100 });
    const { nominated, victims = [] } = decideOn(next);
    if (!nominated || victims.length !== 2) throw new Error('two Pods must go');
    view.nominations.set(next, nominated);
  });
}

function openView(nodes, { StaticView, Profile, profilesOf, decide, seededRandom }) {
  const companions = ({ metadata }) => ({ matchLabels: metadata.labels });
  const view = new StaticView({ nodes: Array.from({ length: nodes }, (_one, at) => node(at)), companions });
  const [settings] = profilesOf({});
  const profile = new Profile(settings, seededRandom(1));
  const cursor = { start: 0 };
  return { view, decideOn: (next) => decide(next, view, { profile, cursor }) };
}

/** The computer's own time is what counts: others may use it too. */
function perSecond(count, work) {
  const began = process.cpuUsage();
  for (let at = 0; at < count; at++) work(at);
  const { user, system } = process.cpuUsage(began);
  return count / ((user + system) / 1e6);
}

function node(index) {
  const name = `node-${index}`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, labels: { [HOST]: name, [ZONE]: `zone-${index % 3}` } },
    spec: {},
    status: { allocatable: { cpu: '8', memory: '32Gi', pods: '110' } },
  };
}

function pod(name, labels, spec = {}) {
  const resources = { requests: { cpu: '100m', memory: '128Mi' } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, namespace: 'bench', labels },
    spec: { containers: [{ name: 'main', image: 'nginx', resources }], schedulerName: 'default-scheduler', ...spec },
  };
}

const term = (topologyKey, matchLabels) => ({ topologyKey, labelSelector: { matchLabels } });
const required = (...terms) => ({ requiredDuringSchedulingIgnoredDuringExecution: terms });
const preferred = (...terms) => ({
  preferredDuringSchedulingIgnoredDuringExecution: terms.map((podAffinityTerm) => ({ weight: 10, podAffinityTerm })),
});

function hardSpread(topologyKey, maxSkew, matchLabels) {
  return { topologyKey, maxSkew, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels } };
}

async function bundled() {
  const outDir = mkdtempSync(join(tmpdir(), 'pilothouse-scheduling-'));
  const input = {
    cycle: 'src-main/sandbox/scheduler/cycle.ts',
    profile: 'src-main/sandbox/scheduler/profile.ts',
    configuration: 'src-main/sandbox/scheduler/configuration.ts',
    random: 'src-common/base/random.ts',
    view: 'test/harness/static-view.ts',
  };
  try {
    await build({
      root,
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true },
      build: { ssr: true, outDir, emptyOutDir: true, minify: false, rolldownOptions: { input } },
    });
    const load = (name) =>
      import(pathToFileURL(join(outDir, `${name}.mjs`)).href).catch(() => import(join(outDir, `${name}.js`)));
    return Object.assign({}, ...(await Promise.all(Object.keys(input).map(load))));
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { nodes: { type: 'string' }, pods: { type: 'string' } } });
  const sizes = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
  const figures = await measureScheduling(sizes);
  if (process.send) process.send(figures);
  else console.log(figures);
}
