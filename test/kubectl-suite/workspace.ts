import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtOnce } from '../clients/built-once';
import { buildKubernetesProgram, buildReference, programPath } from '../reference/binaries';
import { checkGo, moduleFolder } from '../reference/go';
import { KUBERNETES } from '../reference/release';
import { Web } from './web';

/** What the suite reads of its module. */
const PARTS = ['hack', 'test/cmd', 'test/fixtures', 'test/e2e/testing-manifests', 'third_party/forked/shell2junit'];

const kubectlConvert = (log: (line: string) => void) =>
  builtOnce({ name: 'kubectl-convert', version: KUBERNETES, log }, (cwd, output) =>
    buildKubernetesProgram('kubectl-convert', cwd, output),
  );

/** A writable copy of the suite, with the reference's kubectl where it looks for one. */
export class Workspace implements AsyncDisposable {
  readonly folder: string;
  readonly web: Web;

  private constructor(folder: string, web: Web) {
    this.folder = folder;
    this.web = web;
  }

  static async create(log: (line: string) => void): Promise<Workspace> {
    await checkGo();
    await buildReference(log);
    const source = await moduleFolder(`k8s.io/kubernetes@${KUBERNETES}`, tmpdir());
    const folder = await mkdtemp(join(tmpdir(), 'pilothouse-kubectl-suite-'));
    for (const part of PARTS) {
      await cp(join(source, part), join(folder, part), { recursive: true, mode: 0 });
    }
    await makeScriptsExecutable(folder);
    const bin = join(folder, '_output', 'bin');
    await mkdir(bin, { recursive: true });
    await symlink(programPath('kubectl'), join(bin, 'kubectl'));
    await symlink(await kubectlConvert(log), join(bin, 'kubectl-convert'));
    return new Workspace(folder, await Web.open(folder));
  }

  /** The functions that the suite runs, in its order, and `inline` for what stands between them. */
  async cases(): Promise<string[]> {
    const text = await readFile(join(this.folder, 'test/cmd/legacy-script.sh'), 'utf8');
    const names = [...text.matchAll(/^\s*record_command (run_\w+)$/gm)].flatMap(([, name]) => name ?? []);
    return [...new Set(names), 'inline'];
  }

  /** A folder for what one case writes. */
  async place(name: string): Promise<string> {
    const place = join(this.folder, '_cases', name);
    await mkdir(place, { recursive: true });
    return place;
  }

  /** Leaves the folder. */
  close(): Promise<void> {
    return this.web[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Modules carry no file modes. */
async function makeScriptsExecutable(folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const file of files.filter((one) => one.isFile())) {
    const path = join(file.parentPath, file.name);
    if ((await readFile(path)).subarray(0, 2).toString() === '#!') await chmod(path, 0o755);
  }
}
