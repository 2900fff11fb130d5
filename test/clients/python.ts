import { dirname, join } from 'node:path';
import { Problem } from '#common/base/errors';
import { run } from '../reference/go';
import { builtOnce } from './built-once';
import type { Client } from './client';
import { sightings } from './go-program';

const VERSION = '36.0.3';
const SCRIPT = join(import.meta.dirname, 'python', 'try_cluster.py');

export const pythonClient: Client = {
  name: 'python',
  title: `Python client ${VERSION}`,
  does: 'lists, pages, watches, errors, server-side apply, scale, tokens, reviews; exec, a shell, port-forward and logs where Pods run',
  async prepare(log) {
    const packages = await builtOnce(
      { name: 'kubernetes', version: `python-${VERSION}`, log, check: checkPython },
      install,
    );
    const env = { PYTHONPATH: dirname(packages), PYTHONDONTWRITEBYTECODE: '1' };
    return ({ kubeconfig, isLive }) => sightings('python3', [SCRIPT, kubeconfig, ...(isLive ? ['--live'] : [])], env);
  },
};

/** Into a folder of its own: nothing of the computer's Python changes. */
async function install(cwd: string, output: string): Promise<void> {
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
  await run('python3', ['-m', 'pip', 'install', ...quiet, '--target', output, `kubernetes==${VERSION}`], { cwd });
}

async function checkPython(): Promise<void> {
  try {
    await run('python3', ['-m', 'pip', '--version'], { cwd: '/' });
  } catch (failure) {
    throw new Problem('no-python', 'Python 3 with pip is not installed.', {
      nextStep: 'Install Python 3.10 or newer with pip; the other clients need none.',
      cause: failure,
    });
  }
}
