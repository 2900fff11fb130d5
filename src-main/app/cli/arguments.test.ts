import { describe, expect, it } from 'vitest';
import { parseCommand, type Command } from './arguments';

const quiet = { ephemeral: false, foreground: false, mergeKubeconfig: false };

describe('parseCommand', () => {
  it.each<[string, Command]>([
    ['', { kind: 'desktop', open: true }],
    ['--no-open', { kind: 'desktop', open: false }],
    ['--version', { kind: 'version' }],
    ['-h', { kind: 'help', topic: 'general' }],
    ['web', { kind: 'web', port: 0, open: true }],
    ['web --port 8080 --no-open', { kind: 'web', port: 8080, open: false }],
    ['web --help', { kind: 'help', topic: 'web' }],
    ['sandbox', { kind: 'help', topic: 'sandbox' }],
    ['sandbox list', { kind: 'sandbox-list', json: false }],
    ['sandbox list --json', { kind: 'sandbox-list', json: true }],
    ['sandbox stop demo', { kind: 'sandbox-stop', name: 'demo' }],
    ['sandbox delete demo', { kind: 'sandbox-delete', name: 'demo' }],
    ['sandbox kubeconfig demo', { kind: 'sandbox-kubeconfig', name: 'demo' }],
    ['sandbox add-node demo', { kind: 'sandbox-add-node', name: 'demo', node: {} }],
    [
      'sandbox add-node demo --name big.example --cpu 16 --memory 64Gi',
      { kind: 'sandbox-add-node', name: 'demo', node: { node: 'big.example', cpu: '16', memory: '64Gi' } },
    ],
    ['sandbox start demo', { kind: 'sandbox-start', start: { name: 'demo', ...quiet } }],
    [
      'sandbox start --nodes 5 demo --scenario shop --port=6443 --ephemeral --foreground --write-kubeconfig k.yaml',
      {
        kind: 'sandbox-start',
        start: {
          name: 'demo',
          nodes: 5,
          scenario: 'shop',
          port: 6443,
          ephemeral: true,
          foreground: true,
          mergeKubeconfig: false,
          writeKubeconfig: 'k.yaml',
        },
      },
    ],
  ])('%j', (line, expected) => {
    expect(parseCommand(line.split(' ').filter(Boolean))).toEqual(expected);
  });

  it.each<[string, string]>([
    ['bowl', 'There is no command "bowl". Commands: web, sandbox.'],
    ['--bowl', "Unknown option '--bowl'."],
    ['web 8080', "Unexpected argument '8080'."],
    ['web --port', "Option '--port <value>' argument missing."],
    ['web --port http', '--port takes a whole number from 1 to 65535, not "http".'],
    ['web --port 0', '--port takes a whole number from 1 to 65535, not "0".'],
    ['web --port 65536', '--port takes a whole number from 1 to 65535, not "65536".'],
    ['sandbox fly', 'There is no command "sandbox fly". Commands: start, list, stop, delete, kubeconfig, add-node.'],
    ['sandbox start', '"sandbox start" needs the name of a sandbox cluster.'],
    ['sandbox stop a b', '"sandbox stop" takes one name; "b" is another.'],
    [
      'sandbox start Demo_1',
      '"Demo_1" cannot be the name of a sandbox cluster: use up to 63 lower-case letters, digits and dashes.',
    ],
    ['sandbox start demo --nodes many', '--nodes takes a whole number from 1 to 5000, not "many".'],
    ['sandbox start demo --nodes 1.5', '--nodes takes a whole number from 1 to 5000, not "1.5".'],
    ['sandbox start demo --nodes=-1', '--nodes takes a whole number from 1 to 5000, not "-1".'],
    ['sandbox list demo', '"sandbox list" takes no name.'],
    [
      'sandbox start demo --write-kubeconfig f --merge-kubeconfig',
      '--write-kubeconfig and --merge-kubeconfig exclude each other.',
    ],
  ])('refuses %j', (line, message) => {
    const refusal = (() => {
      try {
        return parseCommand(line.split(' ').filter(Boolean));
      } catch (failure) {
        return failure;
      }
    })();
    expect(refusal).toMatchObject({ code: 'usage', message });
  });
});
