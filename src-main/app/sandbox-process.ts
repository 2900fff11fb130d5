import { CompiledCode } from './compiled-code';
import { programFolders } from './fleet/folders';

/** The program of one sandbox cluster's process: `sandbox-process.cjs NAME OPTIONS`, with OPTIONS as JSON. */
async function main(): Promise<void> {
  const compiled = new CompiledCode(programFolders().compiled);
  compiled.reuse();
  const { serveProcess } = await import('./serve-process');
  await serveProcess(JSON.parse(process.argv[3] ?? '{}'), compiled);
}

main().then(
  () => process.exit(),
  (failure) => {
    process.stderr.write(`${String(failure)}\n`);
    process.exit(1);
  },
);
