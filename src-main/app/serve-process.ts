import { systemClock } from '#main/base/system-clock';
import { toWireError } from '#common/contract/wire';
import { openSandbox } from '#main/sandbox/index';
import type { CompiledCode } from './compiled-code';
import type { FirstWord } from './fleet/launch';
import { serveSandbox, type ServeOptions } from './fleet/serve-sandbox';

/** Serves one sandbox cluster until this process is told to stop; whoever started it hears how that began. */
export async function serveProcess(options: ServeOptions & { owned: boolean }, compiled: CompiledCode): Promise<void> {
  try {
    await serve(options, compiled);
  } catch (failure) {
    process.stderr.write(`${describe(failure)}\n`);
    await say({ type: 'refused', error: toWireError(failure) });
    process.exitCode = 1;
  }
}

async function serve(options: ServeOptions & { owned: boolean }, compiled: CompiledCode): Promise<void> {
  const served = await serveSandbox(options, {
    open: (sandbox) => openSandbox({ ...sandbox, localPorts: true }),
    clock: systemClock,
    log,
  });
  if (served.kind === 'joined') {
    await say({ type: 'joined', record: served.record });
    return;
  }
  // One stream or request that fails where nobody waits for it must not take the cluster with it.
  process.on('unhandledRejection', (failure) => log(`left over: ${describe(failure)}`));
  const { service } = served;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => service.stop());
  if (options.owned) process.on('disconnect', () => service.stop());
  if (service.record) await say({ type: 'claimed', record: service.record });
  await service.run((cluster) => {
    const kept = cluster.ready().then(() => compiled.keep());
    kept.catch((failure) => log(`not kept: ${describe(failure)}`));
  });
}

function describe(failure: unknown): string {
  return failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
}

/** To whoever started this process, who may be gone already. */
function say(word: FirstWord): Promise<void> {
  return new Promise((resolve) => {
    if (process.send && process.connected) process.send(word, () => resolve());
    else resolve();
  });
}

function log(line: string): void {
  process.stdout.write(`${new Date(systemClock.now()).toISOString()} ${line}\n`);
}
