import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { sandboxName } from '#common/contract/sandboxes';
import { isMissing, readIfThere, writeAtomically } from '#main/base/files';

/** What is remembered of a sandbox cluster that is kept, beside its state. */
const keptSchema = v.object({
  name: v.string(),
  nodes: v.number(),
  scenario: v.string(),
  /** The port it had last: taken again while it is free, so that kubeconfigs stay right. */
  port: v.optional(v.number()),
  /** Epoch milliseconds. */
  created: v.number(),
});
export type KeptSandbox = v.InferOutput<typeof keptSchema>;

export interface DamagedSandbox {
  name: string;
  damage: string;
}

/** The folders of the sandbox clusters that are kept: `sandbox.json` and `state` in each. */
export class KeptSandboxes {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  folderOf(name: string): string {
    return join(this.folder, name);
  }

  /** Where the cluster itself keeps its objects. */
  stateFolderOf(name: string): string {
    return join(this.folder, name, 'state');
  }

  async names(): Promise<string[]> {
    const entries = await readdir(this.folder, { withFileTypes: true }).catch((failure) => {
      if (isMissing(failure)) return [];
      throw failure;
    });
    return entries.filter((entry) => v.is(sandboxName, entry.name)).map((entry) => entry.name);
  }

  /** What is known of `name`, what is wrong with its folder, or nothing when there is none. */
  async read(name: string): Promise<KeptSandbox | DamagedSandbox | undefined> {
    try {
      const text = await readIfThere(this.#path(name));
      if (text !== undefined) return parse(name, text);
      const names = await readdir(this.folder);
      return names.includes(name) ? { name, damage: `${this.#path(name)} is missing.` } : undefined;
    } catch (failure) {
      if (isMissing(failure)) return undefined;
      return { name, damage: `${this.#path(name)} cannot be read: ${String(failure)}` };
    }
  }

  /** False when there is a folder of that name already. Whoever looks sees no folder or a whole one. */
  async create(kept: KeptSandbox): Promise<boolean> {
    const draft = join(this.folder, `.${kept.name}.${randomUUID()}`);
    await mkdir(draft, { recursive: true, mode: 0o700 });
    try {
      await writeAtomically(join(draft, FILE), textOf(kept));
      await rename(draft, this.folderOf(kept.name));
      return true;
    } catch (failure) {
      await rm(draft, { recursive: true, force: true });
      if ((await this.names()).includes(kept.name)) return false;
      throw failure;
    }
  }

  async write(kept: KeptSandbox): Promise<void> {
    await writeAtomically(this.#path(kept.name), textOf(kept));
  }

  async remove(name: string): Promise<void> {
    await rm(this.folderOf(name), { recursive: true, force: true, maxRetries: 5 });
  }

  #path(name: string): string {
    return join(this.folder, name, FILE);
  }
}

const FILE = 'sandbox.json';

const textOf = (kept: KeptSandbox): string => `${JSON.stringify(kept, undefined, 2)}\n`;

export function isDamaged(sandbox: KeptSandbox | DamagedSandbox | undefined): sandbox is DamagedSandbox {
  return sandbox !== undefined && 'damage' in sandbox;
}

function parse(name: string, text: string): KeptSandbox | DamagedSandbox {
  try {
    const result = v.safeParse(keptSchema, JSON.parse(text));
    if (result.success && result.output.name === name) return result.output;
    return { name, damage: 'its sandbox.json does not describe it.' };
  } catch {
    return { name, damage: 'its sandbox.json is not JSON.' };
  }
}
