import { messageOf, Problem } from '#common/base/errors';
import { buildReference, isBuilt } from './binaries';
import { REFERENCE } from './release';
import { runningReference, startReference, stopReference } from './control-plane';

const USAGE = 'usage: npm run reference -- build|start|stop|status';

/** `npm run reference -- …`; answers the exit code. */
export async function main([command, ...rest]: readonly string[]): Promise<number> {
  const work = rest.length === 0 ? commands[command ?? ''] : undefined;
  if (!work) {
    console.error(USAGE);
    return 2;
  }
  try {
    await work();
    return 0;
  } catch (failure) {
    console.error(messageOf(failure));
    if (failure instanceof Problem && failure.nextStep) console.error(failure.nextStep);
    return 1;
  }
}

const commands: Record<string, (() => Promise<void>) | undefined> = {
  build: () => buildReference(console.error),
  async start() {
    await buildReference(console.error);
    const started = performance.now();
    const { server, kubeconfig } = await startReference(console.error);
    console.log(`${server} is ready after ${((performance.now() - started) / 1000).toFixed(1)} s`);
    console.log(`export KUBECONFIG=${kubeconfig}`);
  },
  async stop() {
    await stopReference();
    console.log('The reference is stopped.');
  },
  async status() {
    const running = await runningReference();
    if (running) console.log(`The reference runs at ${running.server} (KUBECONFIG=${running.kubeconfig}).`);
    else console.log(isBuilt() ? `Built (${REFERENCE}), not running.` : 'Neither built nor running.');
  },
};
