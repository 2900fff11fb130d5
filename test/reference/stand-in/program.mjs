#!/usr/bin/env node
// Stands in for every program of the reference, so that what goes wrong with them can be tried. What it shall do stands in
// `NAME.does` beside it: `taken-once` and `dies` at the start; otherwise it serves its ports until it is asked to end.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:https';
import { basename } from 'node:path';

const [, path, ...args] = process.argv;
const option = (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const asked = `${path}.does`;
const does = existsSync(asked) ? readFileSync(asked, 'utf8') : '';

if (does === 'dies') {
  process.stderr.write(`${basename(path)} has had enough`);
  process.exit(1);
}
if (does === 'taken-once') {
  rmSync(asked);
  process.stderr.write('listen tcp 127.0.0.1:1234: bind: address already in use');
  process.exit(1);
}
const port = Number(option('secure-port') ?? new URL(option('listen-client-urls') ?? 'http://127.0.0.1:0').port);
const key = option('tls-private-key-file');
const server = key
  ? createTlsServer({ key: readFileSync(key), cert: readFileSync(option('tls-cert-file')) }, (_, response) =>
      response.end('ok'),
    )
  : createServer();
server.listen(port, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
