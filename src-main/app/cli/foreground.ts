import { Problem } from '#common/base/errors';
import { systemClock } from '#main/base/system-clock';
import { openSandbox } from '#main/sandbox/index';
import { programFolders } from '../fleet/folders';
import { damaged } from '../fleet/fleet-problems';
import { isDamaged, KeptSandboxes } from '../fleet/kept-sandbox';
import { DEFAULT_NODES, DEFAULT_SCENARIO } from '../fleet/new-sandbox';
import { checkScenario } from '../fleet/scenarios';
import { serveSandbox, type SandboxService, type ServeOptions } from '../fleet/serve-sandbox';
import type { SandboxStart } from './arguments';
import { mergeIntoOwn, writeOwnFile } from './kubeconfig-file';
import type { Program } from './program';
import type { Terminal } from './terminal';

/** Serves a sandbox cluster from this process until it is stopped; what happens is printed. */
export async function serveInForeground(start: SandboxStart, { terminal, compiled }: Program): Promise<number> {
  const folders = programFolders();
  const options = await serveOptions(start, new KeptSandboxes(folders.sandboxes), folders.running);
  const log = (line: string) => terminal.err(`${new Date(systemClock.now()).toISOString()} ${line}`);
  const served = await serveSandbox(options, {
    open: (sandbox) => openSandbox({ ...sandbox, localPorts: true }),
    clock: systemClock,
    log,
  });
  if (served.kind === 'joined') {
    throw new Problem('sandbox-name-taken', `The sandbox cluster ${start.name} already runs in another process.`, {
      nextStep: `Stop it first: pilothouse sandbox stop ${start.name}`,
    });
  }
  const { service } = served;
  const stop = () => service.stop();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  await service.run((cluster) => {
    const steps = [writeFiles(service, start, terminal), cluster.ready().then(() => compiled.keep())];
    for (const step of steps) step.catch((failure) => log(String(failure)));
  });
  return 0;
}

async function serveOptions(start: SandboxStart, sandboxes: KeptSandboxes, running: string): Promise<ServeOptions> {
  const { name, nodes = DEFAULT_NODES, scenario = DEFAULT_SCENARIO, ephemeral, port } = start;
  const asked = port === undefined ? {} : { port, fixedPort: true };
  checkScenario(scenario);
  if (ephemeral) return { name, nodes, scenario, ephemeral, running, ...asked };
  const kept = await sandboxes.read(name);
  if (isDamaged(kept)) throw damaged(name, sandboxes.folderOf(name), kept.damage);
  if (!kept) await sandboxes.create({ name, nodes, scenario, created: systemClock.now() });
  const last = kept?.port === undefined ? {} : { port: kept.port };
  const { nodes: hasNodes, scenario: hasScenario } = kept ?? { nodes, scenario };
  const folder = sandboxes.stateFolderOf(name);
  return { name, nodes: hasNodes, scenario: hasScenario, ephemeral, folder, running, ...last, ...asked };
}

async function writeFiles(service: SandboxService, start: SandboxStart, terminal: Terminal): Promise<void> {
  const { name, writeKubeconfig, mergeKubeconfig } = start;
  const { kubeconfig } = service;
  if (kubeconfig === undefined) return;
  if (writeKubeconfig !== undefined) terminal.err(`wrote ${await writeOwnFile(writeKubeconfig, kubeconfig)}`);
  if (mergeKubeconfig) terminal.err(`added the context ${name} to ${await mergeIntoOwn(name, kubeconfig)}`);
}
