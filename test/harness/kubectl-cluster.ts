import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSandbox, type SandboxCluster, type SandboxOptions } from '#main/sandbox/index';
import { runKubectl, type KubectlOptions, type KubectlResult } from './kubectl';

/** A sandbox cluster with the real kubectl as its administrator, and a folder for what both write. */
export class KubectlCluster implements AsyncDisposable {
  readonly folder: string;
  readonly kubeconfig: string;
  readonly #cluster: SandboxCluster;

  private constructor(cluster: SandboxCluster, folder: string) {
    this.#cluster = cluster;
    this.folder = folder;
    this.kubeconfig = join(folder, 'config');
  }

  static async open(options: SandboxOptions): Promise<KubectlCluster> {
    const cluster = await openSandbox(options);
    await cluster.ready();
    const opened = new KubectlCluster(cluster, await mkdtemp(join(tmpdir(), 'pilothouse-kubectl-')));
    await writeFile(opened.kubeconfig, cluster.kubeconfig());
    return opened;
  }

  /** What kubectl printed; throws with its words when it fails. */
  async run(...args: string[]): Promise<string> {
    return (await runKubectl(args, { kubeconfig: this.kubeconfig })).out;
  }

  /** How it went, failures among them. */
  tried(args: string[], options: Partial<KubectlOptions> = {}): Promise<KubectlResult> {
    return runKubectl(args, { kubeconfig: this.kubeconfig, mayFail: true, ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cluster.close();
    await rm(this.folder, { recursive: true });
  }
}
