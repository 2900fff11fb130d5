#!/usr/bin/env node
// Stands in for Go: builds are empty files. What it shall do stands in the environment: GO_VERSION, GO_FAILS_AT.
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const [command, ...args] = process.argv.slice(2);
const what = args.at(-1) ?? '';

if (command === 'env') {
  process.stdout.write(process.env.GO_VERSION ?? 'go1.26.0');
} else if (process.env.GO_FAILS_AT && what.endsWith(process.env.GO_FAILS_AT)) {
  process.stderr.write(`# ${what}\nmain.go:7:2: undefined: everything`);
  process.exitCode = 1;
} else if (command === 'mod' && args[0] === 'download') {
  mkdirSync('module', { recursive: true });
  writeFileSync(
    'module/go.mod',
    'module k8s.io/kubernetes\n\nreplace (\n\tk8s.io/api => ./staging/src/k8s.io/api\n)\n',
  );
  process.stdout.write(JSON.stringify({ Dir: join(process.cwd(), 'module') }));
} else if (command === 'build') {
  const output = args[args.indexOf('-o') + 1];
  const isFolder = statSync(output, { throwIfNoEntry: false })?.isDirectory() ?? false;
  writeFileSync(isFolder ? join(output, basename(what)) : output, '');
}
