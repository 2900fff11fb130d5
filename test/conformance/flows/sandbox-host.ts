import { builtInControllers } from '#main/sandbox/controllers/built-in-controllers';
import { playedKubelet, playedNodes } from '#test/harness/played-kubelet';
import { TestSandbox } from '#test/harness/test-sandbox';
import type { FlowCluster, FlowHost } from './flow-cluster';
import { FlowWatch } from './flow-watch';
import { serveMetrics } from './metrics';
import { createSharedNodes } from './nodes';

/** A sandbox of its own for each flow, on a clock that moves as fast as the flow does. */
export function openSandboxHost(): FlowHost {
  return {
    atOnce: 1,
    open: openSandboxCluster,
    async [Symbol.asyncDispose]() {},
  };
}

async function openSandboxCluster(): Promise<FlowCluster> {
  const sandbox = await TestSandbox.open({ controllers: [playedKubelet, playedNodes], scheduler: true });
  const { client, clock, informers, reports } = sandbox;
  const controllers = builtInControllers(sandbox.certificates);
  const manager = await sandbox.startManager({ controllers, garbageCollector: true });
  await createSharedNodes(client);
  await serveMetrics(client);
  const watch = await FlowWatch.open(informers, clock);
  await sandbox.settle();
  return {
    name: 'sandbox',
    client,
    watch,
    until: (holds, what) => sandbox.until(holds, what),
    quiet: () => sandbox.settle(),
    pass: (seconds) => sandbox.advance(seconds * 1000),
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      await manager[Symbol.asyncDispose]();
      await sandbox[Symbol.asyncDispose]();
      if (reports.length > 0) throw new Error(`the sandbox reported: ${reports.join('\n')}`);
    },
  };
}
