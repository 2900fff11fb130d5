import { messageOf, Problem } from '#common/base/errors';
import { buildReference, isBuilt } from './binaries';
import { REFERENCE } from './release';
import { runningReference, startReference, stopReference } from './control-plane';

const USAGE = `usage: npm run reference -- build|start|stop|status|window [FOLDER]
  window  opens the built window on a fresh reference with 1,000 Pods and takes pictures of it into FOLDER`;

/** `npm run reference -- …`; answers the exit code. */
export async function main([command, ...rest]: readonly string[]): Promise<number> {
  const [folder = 'pictures', ...others] = rest;
  const isRight = others.length === 0 && (rest.length === 0 || command === 'window');
  const work = isRight ? commands[command ?? ''] : undefined;
  if (!work) {
    console.error(USAGE);
    return 2;
  }
  try {
    await work(folder);
    return 0;
  } catch (failure) {
    console.error(messageOf(failure));
    if (failure instanceof Problem && failure.nextStep) console.error(failure.nextStep);
    return 1;
  }
}

const commands: Record<string, ((folder: string) => Promise<void>) | undefined> = {
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
  async window(folder) {
    await buildReference(console.error);
    // Only this command needs a browser.
    const { showWindow } = await import('./window');
    await showWindow(folder, console.error);
  },
  async status() {
    const running = await runningReference();
    if (running) console.log(`The reference runs at ${running.server} (KUBECONFIG=${running.kubeconfig}).`);
    else console.log(isBuilt() ? `Built (${REFERENCE}), not running.` : 'Neither built nor running.');
  },
};
