import { Problem } from '#common/base/errors';
import { Scope } from '#common/base/scope';
import type { SandboxEntry } from '#main/services/sandboxes/fleet';
import type { LocalFleet } from '../fleet/local-fleet';
import { DEFAULT_NODES, DEFAULT_SCENARIO } from '../fleet/new-sandbox';
import { openFleet } from '../fleet/open-fleet';
import type { Command, SandboxStart } from './arguments';
import { forgetInOwn, mergeIntoOwn, writeOwnFile } from './kubeconfig-file';
import type { Program } from './program';
import type { Terminal } from './terminal';

type SandboxCommand = Extract<Command, { kind: `sandbox-${string}` }>;

/** Runs `pilothouse sandbox …`. */
export async function runSandboxCommand(command: SandboxCommand, program: Program): Promise<number> {
  if (command.kind === 'sandbox-start' && command.start.foreground) {
    const { serveInForeground } = await import('./foreground');
    return serveInForeground(command.start, program);
  }
  const { out, terminal } = program;
  await using scope = new Scope('command');
  const fleet = await openFleet({ out, scope, owned: false });
  // The process of each running sandbox says how it is in a moment.
  await fleet.settled();
  switch (command.kind) {
    case 'sandbox-start':
      await start(fleet, command.start, terminal);
      break;
    case 'sandbox-list':
      list(fleet.list(), command.json, terminal);
      break;
    case 'sandbox-stop':
      await stop(fleet, command.name, terminal);
      break;
    case 'sandbox-delete':
      await remove(fleet, command.name, terminal);
      break;
    case 'sandbox-kubeconfig':
      terminal.out((await fleet.kubeconfig(command.name)).trimEnd());
      break;
    case 'sandbox-add-node': {
      const { addNode } = await import('./add-node');
      const node = await addNode(await fleet.kubeconfig(command.name), command.node);
      terminal.out(`The node ${node} joins ${command.name}. Take it away: kubectl delete node ${node}`);
      break;
    }
  }
  return 0;
}

async function start(fleet: LocalFleet, wanted: SandboxStart, terminal: Terminal): Promise<void> {
  const present = fleet.list().find(({ name }) => name === wanted.name);
  const entry = present ? await startAgain(fleet, present, wanted) : await createOrJoin(fleet, wanted);
  refuseOtherPort(entry, wanted);
  terminal.out(runningLine(entry, present?.state === 'running'));
  await tellHowToUse(fleet, wanted, terminal);
}

async function startAgain(fleet: LocalFleet, present: SandboxEntry, wanted: SandboxStart): Promise<SandboxEntry> {
  refuseNewSettings(present, wanted);
  return fleet.start(wanted.name, atPort(wanted));
}

/** Another start of the same name may have been quicker. */
async function createOrJoin(fleet: LocalFleet, wanted: SandboxStart): Promise<SandboxEntry> {
  try {
    return await fleet.create(newSandbox(wanted));
  } catch (failure) {
    const present = fleet.list().find(({ name }) => name === wanted.name);
    if (!present || !(failure instanceof Problem) || failure.code !== 'sandbox-name-taken') throw failure;
    return startAgain(fleet, present, wanted);
  }
}

function newSandbox({ name, nodes, scenario, ephemeral, port }: SandboxStart) {
  const at = port === undefined ? {} : { port };
  return { name, nodes: nodes ?? DEFAULT_NODES, scenario: scenario ?? DEFAULT_SCENARIO, ephemeral, ...at };
}

function atPort({ port }: SandboxStart) {
  return port === undefined ? {} : { port };
}

/** What only a new cluster can be given must not be silently left out. */
function refuseNewSettings(present: SandboxEntry, { nodes, scenario, ephemeral }: SandboxStart): void {
  const settings = [
    ...(nodes !== undefined && nodes !== present.nodes ? ['--nodes'] : []),
    ...(scenario === undefined ? [] : ['--scenario']),
    ...(ephemeral && !present.ephemeral ? ['--ephemeral'] : []),
  ];
  if (settings.length === 0) return;
  throw new Problem('sandbox-name-taken', `There already is a sandbox cluster called ${present.name}.`, {
    nextStep: `${settings.join(' and ')} can only be said of a new one: choose another name, or start this one without.`,
  });
}

function refuseOtherPort({ name, url = '' }: SandboxEntry, { port }: SandboxStart): void {
  if (port === undefined || url.endsWith(`:${port}`)) return;
  throw new Problem('sandbox-name-taken', `The sandbox cluster ${name} already runs at ${url}.`, {
    nextStep: `Use it there, or stop it first: pilothouse sandbox stop ${name}`,
  });
}

function runningLine({ name, url, nodes, ephemeral }: SandboxEntry, wasRunning: boolean): string {
  const size = nodes === undefined ? '' : `, ${nodes} ${nodes === 1 ? 'node' : 'nodes'}`;
  const kind = ephemeral ? ', nothing is kept' : '';
  return `Sandbox cluster ${name} ${wasRunning ? 'already runs' : 'runs'} at ${url ?? '(starting)'}${size}${kind}.`;
}

async function tellHowToUse(fleet: LocalFleet, wanted: SandboxStart, terminal: Terminal): Promise<void> {
  const { name, writeKubeconfig, mergeKubeconfig } = wanted;
  terminal.out(`Its context is called ${name}.`);
  if (writeKubeconfig !== undefined) {
    const path = await writeOwnFile(writeKubeconfig, await fleet.kubeconfig(name));
    terminal.out(`\nUse it:\n  kubectl --kubeconfig ${path} get nodes`);
  } else if (mergeKubeconfig) {
    const path = await mergeIntoOwn(name, await fleet.kubeconfig(name));
    terminal.out(`It was added to ${path}.\n\nUse it:\n  kubectl --context ${name} get nodes`);
  } else {
    terminal.out(
      `\nUse it:\n  pilothouse sandbox kubeconfig ${name} > ${name}.yaml\n  kubectl --kubeconfig ${name}.yaml get nodes`,
    );
  }
  terminal.out(`\nStop it:\n  pilothouse sandbox stop ${name}`);
}

function list(entries: readonly SandboxEntry[], json: boolean, terminal: Terminal): void {
  if (json) {
    terminal.out(JSON.stringify(entries, undefined, 2));
    return;
  }
  if (entries.length === 0) {
    terminal.out('There are no sandbox clusters. Start one: pilothouse sandbox start demo');
    return;
  }
  const rows = entries.map(({ name, state, nodes, ephemeral, url, message }) => [
    name,
    state,
    nodes === undefined ? '-' : String(nodes),
    ephemeral ? 'no' : 'yes',
    url ?? message ?? '',
  ]);
  for (const line of columns([['NAME', 'STATE', 'NODES', 'KEPT', 'SERVER'], ...rows])) terminal.out(line);
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd((widths[column] ?? 0) + 3))
      .join('')
      .trimEnd(),
  );
}

async function stop(fleet: LocalFleet, name: string, terminal: Terminal): Promise<void> {
  const entry = fleet.list().find((one) => one.name === name);
  await fleet.stop(name);
  if (entry?.ephemeral && entry.url) await forgetInOwn(name, entry.url);
  const wasRunning = entry?.state === 'running' || entry?.state === 'starting';
  terminal.out(`Sandbox cluster ${name} ${wasRunning ? 'has stopped' : 'does not run'}.`);
}

async function remove(fleet: LocalFleet, name: string, terminal: Terminal): Promise<void> {
  const url = fleet.lastUrl(name);
  await fleet.delete(name);
  if (url) await forgetInOwn(name, url);
  terminal.out(`Sandbox cluster ${name} is deleted.`);
}
