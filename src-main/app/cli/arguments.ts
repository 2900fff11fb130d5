import { parseArgs, type ParseArgsConfig } from 'node:util';
import * as v from 'valibot';
import { messageOf } from '#common/base/errors';
import { sandboxName } from '#common/contract/sandboxes';
import type { NewNode } from './add-node';
import { usageProblem } from './usage';

/** What the command line asks for. */
export type Command =
  | { kind: 'help'; topic: 'general' | 'web' | 'sandbox' }
  | { kind: 'version' }
  | { kind: 'desktop'; open: boolean }
  | { kind: 'web'; port: number; open: boolean }
  | { kind: 'sandbox-start'; start: SandboxStart }
  | { kind: 'sandbox-list'; json: boolean }
  | { kind: 'sandbox-stop' | 'sandbox-delete' | 'sandbox-kubeconfig'; name: string }
  | { kind: 'sandbox-add-node'; name: string; node: NewNode };

export interface SandboxStart {
  name: string;
  /** Absent: not said, so the default of a new cluster. */
  nodes?: number;
  scenario?: string;
  port?: number;
  ephemeral: boolean;
  foreground: boolean;
  writeKubeconfig?: string;
  mergeKubeconfig: boolean;
}

type Options = NonNullable<ParseArgsConfig['options']>;
const help: Options = { help: { type: 'boolean', short: 'h' } };

/** Throws the Problem `usage` for what cannot be understood. */
export function parseCommand(args: readonly string[]): Command {
  const [first, ...rest] = args;
  if (first === 'web') return webCommand(rest);
  if (first === 'sandbox') return sandboxCommand(rest);
  if (first === 'help') return { kind: 'help', topic: 'general' };
  if (first !== undefined && !first.startsWith('-')) {
    throw usageProblem(`There is no command "${first}". Commands: web, sandbox.`);
  }
  return plainCommand(args);
}

function plainCommand(args: readonly string[]): Command {
  const { values } = parse(args, { ...help, version: { type: 'boolean', short: 'v' }, 'no-open': { type: 'boolean' } });
  if (values['help']) return { kind: 'help', topic: 'general' };
  if (values['version']) return { kind: 'version' };
  return { kind: 'desktop', open: !values['no-open'] };
}

function webCommand(args: readonly string[]): Command {
  const options: Options = { ...help, port: { type: 'string' }, 'no-open': { type: 'boolean' } };
  const { values } = parse(args, options, 'web');
  if (values['help']) return { kind: 'help', topic: 'web' };
  return { kind: 'web', port: wholeNumber('--port', values['port'], portRange) ?? 0, open: !values['no-open'] };
}

function sandboxCommand([first, ...rest]: readonly string[]): Command {
  switch (first) {
    case 'start':
      return startCommand(rest);
    case 'list':
      return listCommand(rest);
    case 'stop':
    case 'delete':
    case 'kubeconfig':
      return namedCommand(first, rest);
    case 'add-node':
      return addNodeCommand(rest);
    case undefined:
    case 'help':
    case '-h':
    case '--help':
      return { kind: 'help', topic: 'sandbox' };
    default:
      throw usageProblem(
        `There is no command "sandbox ${first}". Commands: start, list, stop, delete, kubeconfig, add-node.`,
        'sandbox',
      );
  }
}

function startCommand(args: readonly string[]): Command {
  const options: Options = {
    ...help,
    nodes: { type: 'string' },
    scenario: { type: 'string' },
    port: { type: 'string' },
    ephemeral: { type: 'boolean' },
    foreground: { type: 'boolean' },
    'write-kubeconfig': { type: 'string' },
    'merge-kubeconfig': { type: 'boolean' },
  };
  const { values, positionals } = parse(args, options, 'sandbox');
  if (values['help']) return { kind: 'help', topic: 'sandbox' };
  const file = text(values['write-kubeconfig']);
  if (file !== undefined && values['merge-kubeconfig']) {
    throw usageProblem('--write-kubeconfig and --merge-kubeconfig exclude each other.', 'sandbox');
  }
  const start: SandboxStart = {
    name: oneName('start', positionals),
    ephemeral: values['ephemeral'] === true,
    foreground: values['foreground'] === true,
    mergeKubeconfig: values['merge-kubeconfig'] === true,
    ...given('nodes', wholeNumber('--nodes', values['nodes'], nodeRange)),
    ...given('scenario', text(values['scenario'])),
    ...given('port', wholeNumber('--port', values['port'], portRange)),
    ...given('writeKubeconfig', file),
  };
  return { kind: 'sandbox-start', start };
}

function listCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args, { ...help, json: { type: 'boolean' } }, 'sandbox');
  if (values['help']) return { kind: 'help', topic: 'sandbox' };
  if (positionals[0] !== undefined) throw usageProblem(`"sandbox list" takes no name.`, 'sandbox');
  return { kind: 'sandbox-list', json: values['json'] === true };
}

function namedCommand(command: 'stop' | 'delete' | 'kubeconfig', args: readonly string[]): Command {
  const { values, positionals } = parse(args, help, 'sandbox');
  if (values['help']) return { kind: 'help', topic: 'sandbox' };
  return { kind: `sandbox-${command}`, name: oneName(command, positionals) };
}

function addNodeCommand(args: readonly string[]): Command {
  const options: Options = { ...help, name: { type: 'string' }, cpu: { type: 'string' }, memory: { type: 'string' } };
  const { values, positionals } = parse(args, options, 'sandbox');
  if (values['help']) return { kind: 'help', topic: 'sandbox' };
  const node = text(values['name']);
  if (node !== undefined && !NODE_NAME.test(node)) {
    throw usageProblem(
      `"${node}" cannot be the name of a node: use lower-case letters, digits, dashes and dots.`,
      'sandbox',
    );
  }
  return {
    kind: 'sandbox-add-node',
    name: oneName('add-node', positionals),
    node: {
      ...given('node', node),
      ...given('cpu', text(values['cpu'])),
      ...given('memory', text(values['memory'])),
    },
  };
}

/** A DNS subdomain. */
const NODE_NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function parse(args: readonly string[], options: Options, command?: string) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: command === 'sandbox', strict: true });
  } catch (failure) {
    // Node's texts name the option and what is wrong with it; what follows the first sentence speaks of its own rules.
    throw usageProblem(`${messageOf(failure).split('. ')[0]?.replace(/\.$/, '')}.`, command);
  }
}

function oneName(command: string, [name, second]: readonly string[]): string {
  if (name === undefined) throw usageProblem(`"sandbox ${command}" needs the name of a sandbox cluster.`, 'sandbox');
  if (second !== undefined)
    throw usageProblem(`"sandbox ${command}" takes one name; "${second}" is another.`, 'sandbox');
  if (!v.is(sandboxName, name)) {
    throw usageProblem(
      `"${name}" cannot be the name of a sandbox cluster: use up to 63 lower-case letters, digits and dashes.`,
      'sandbox',
    );
  }
  return name;
}

interface Range {
  least: number;
  most: number;
}

const portRange: Range = { least: 1, most: 65_535 };
const nodeRange: Range = { least: 1, most: 5000 };

function wholeNumber(option: string, value: unknown, { least, most }: Range): number | undefined {
  if (value === undefined) return undefined;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw usageProblem(`${option} takes a whole number from ${least} to ${most}, not "${String(value)}".`);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function given<K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, T>);
}
