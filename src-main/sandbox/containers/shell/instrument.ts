/**
 * Rewrites a parsed script before it is run, so that the interpreter can run a whole script and still let others run,
 * show output when it is printed, and start things in the background. Pure.
 */
import type { CommandNode, PipelineNode, ScriptNode, SimpleCommandNode, StatementNode, WordNode } from 'just-bash';
import { gathered } from './aside/pure-pipelines';

/** Where a rewritten script sends what it prints. */
export const STREAM_FOLDER = '/dev/.stream';
/** The commands of the shell that the rewriting calls. */
export const TURN = '__turn';
export const SPAWN = '__spawn';
export const WAIT = '__wait';
export const PACED = '__paced';
export const SOURCED = '__sourced';
export const BECOME = '__become';
export const TRAPPED = '__trapped';
export const REFUSED = '__refused';
/** In front of commands that print as they go, where what they print is not piped on. */
export const LIVE = '__live_';
const BACKGROUND = '__bg';

/** Commands that print while they run. */
export const LIVE_COMMANDS: ReadonlySet<string> = new Set([
  'tail',
  'ping',
  'nc',
  'ncat',
  'yes',
  'sh',
  'bash',
  'ash',
  'dash',
]);

interface Tools {
  serialize: (script: ScriptNode) => string;
  /** Programs of the image that are called by any path. */
  programs?: ReadonlySet<string>;
  /** Whether nothing may be written at a place. */
  isReadOnly?: ((path: string) => boolean) | undefined;
}
type Node = Record<string, unknown>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** The script as it is run: paced everywhere, streaming where its output is the process' own. */
export function instrumented(script: ScriptNode, tools: Tools): ScriptNode {
  return streamed(paced(script, tools), tools.programs);
}

/** Loops give way to others, `&` becomes a call, and sources read later are paced too. */
export function paced(script: ScriptNode, tools: Tools): ScriptNode {
  const functions = functionSources(script, tools);
  const defined = new Set(callCounts(script).keys());
  const ready = pacedNode(script, { tools, functions, defined }) as unknown as ScriptNode;
  return callsTrap(script) ? (heeding(ready) as unknown as ScriptNode) : ready;
}

/** True for a script that is one command: a shell becomes that command instead of waiting for it. */
export function isOneCommand({ statements }: ScriptNode): boolean {
  const [statement] = statements;
  const [pipeline] = statement?.pipelines ?? [];
  if (statements.length !== 1 || statement?.pipelines.length !== 1 || statement.background) return false;
  return pipeline?.commands.length === 1 && pipeline.commands[0]?.type === 'SimpleCommand';
}

function callsTrap(script: ScriptNode): boolean {
  let found = false;
  walk(script, (node) => {
    if (node['type'] === 'SimpleCommand' && nameOf(node as unknown as SimpleCommandNode) === 'trap') found = true;
  });
  return found;
}

/** The places where a shell runs one statement after the other. */
const LISTS: ReadonlySet<string> = new Set(['statements', 'body', 'elseBody']);

/** After each statement the handlers of the signals that came in meanwhile are run. */
function heeding(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => heeding(each));
  if (!isNode(value) || value['type'] === 'Word') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const next = heeding(each);
      if (!LISTS.has(key) || !Array.isArray(next)) return [key, next];
      return [key, next.flatMap((statement) => [statement, trappedStatement()])];
    }),
  );
}

/** `eval "$(__trapped $?)"` */
function trappedStatement(): StatementNode {
  return statementOf(simple('eval', [output(simple(TRAPPED, [lastStatus()]))]));
}

/** `$?` */
function lastStatus(): WordNode {
  const parts = [{ type: 'ParameterExpansion', parameter: '?', operation: null }];
  return { type: 'Word', parts } as unknown as WordNode;
}

/** What a command of the library runs for itself counts as a turn of a loop: `__turn $?` at its end. */
export function givesWayOnce(script: ScriptNode): ScriptNode {
  return { ...script, statements: [...script.statements, statementOf(simple(TURN, [lastStatus()]))] };
}

interface Pacing {
  tools: Tools;
  functions: string;
  /** The names of the script's functions. */
  defined: ReadonlySet<string>;
}

function pacedNode(value: unknown, pacing: Pacing): unknown {
  if (Array.isArray(value)) return value.map((each) => pacedNode(each, pacing));
  if (!isNode(value)) return value;
  if (value['type'] === 'Statement' && value['background'] === true) return spawnStatement(value, pacing);
  const node = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, pacedNode(each, pacing)]));
  switch (node['type']) {
    case 'While':
    case 'Until':
    case 'For':
    case 'CStyleFor':
      return { ...node, body: [turnStatement(), ...(node['body'] as StatementNode[])] };
    case 'ParameterExpansion':
      return node['parameter'] === '!' ? { ...node, parameter: BACKGROUND } : node;
    case 'Pipeline':
      return leaving(gathered(node as unknown as PipelineNode, pacing.defined));
    case 'SimpleCommand':
      return calling(refused(byName(node as unknown as SimpleCommandNode, pacing.tools), pacing.tools));
    default:
      return node;
  }
}

function spawnStatement(value: Node, { tools, functions }: Pacing): StatementNode {
  const statement = { ...(value as unknown as StatementNode), background: false };
  const source = tools.serialize({ type: 'Script', statements: [statement] });
  const call = simple(SPAWN, [quoted(functions + source)]);
  const substitution = { type: 'CommandSubstitution', body: { type: 'Script', statements: [statementOf(call)] } };
  const word = { type: 'Word', parts: [{ type: 'DoubleQuoted', parts: [substitution] }] } as unknown as WordNode;
  const assignment = { type: 'Assignment' as const, name: BACKGROUND, value: word, append: false, array: null };
  return statementOf({ type: 'SimpleCommand', assignments: [assignment], name: null, args: [], redirections: [] });
}

/** `__turn || break` */
function turnStatement(): StatementNode {
  const one = statementOf(simple(TURN, []));
  return { ...one, pipelines: [...one.pipelines, pipelineOf(simple('break', []))], operators: ['||'] };
}

/** `exec program` ends the script with the program. */
function leaving(pipeline: PipelineNode): PipelineNode {
  const [command] = pipeline.commands;
  if (pipeline.commands.length !== 1 || command?.type !== 'SimpleCommand') return pipeline;
  const [first, ...args] = command.args;
  if (nameOf(command) !== 'exec' || !first || (literalOf(first) ?? '').startsWith('-')) return pipeline;
  const body = [
    statementOf(simple(BECOME, [])),
    statementOf({ ...command, name: first, args }),
    statementOf(simple('exit', [])),
  ];
  return pipelineOf({ type: 'Group', body, redirections: [] });
}

/** A program of the image is found by its name wherever the image has it. */
function byName(command: SimpleCommandNode, { programs }: Tools): SimpleCommandNode {
  const path = nameOf(command) ?? '';
  const name = path.slice(path.lastIndexOf('/') + 1);
  return path.startsWith('/') && programs?.has(name) ? { ...command, name: literal(name) } : command;
}

/** A command whose output goes where nothing may be written is not run: the shell says so and goes on. */
function refused(command: SimpleCommandNode, { isReadOnly }: Tools): SimpleCommandNode {
  for (const { operator, target } of isReadOnly ? command.redirections : []) {
    const path = operator.includes('>') && target.type === 'Word' ? literalOf(target) : undefined;
    if (path?.startsWith('/') && isReadOnly?.(path)) return simple(REFUSED, [quoted(path)]);
  }
  return command;
}

function calling(command: SimpleCommandNode): SimpleCommandNode {
  switch (nameOf(command)) {
    case 'wait':
      return { ...command, name: literal(WAIT) };
    case 'eval':
      return { ...command, args: [output(simple(PACED, command.args))] };
    case 'source':
    case '.':
      return { ...command, name: literal('eval'), args: [output(simple(SOURCED, command.args))] };
    default:
      return command;
  }
}

function functionSources(script: ScriptNode, { serialize }: Tools): string {
  const found: string[] = [];
  walk(script, (node) => {
    if (node['type'] !== 'FunctionDef') return;
    found.push(serialize({ type: 'Script', statements: [statementOf(node as unknown as CommandNode)] }));
  });
  return found.map((source) => `${source}\n`).join('');
}

export function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) for (const each of value) walk(each, visit);
  else if (isNode(value)) {
    visit(value);
    for (const each of Object.values(value)) walk(each, visit);
  }
}

/** Sends what commands print to the streams at once, where nothing else takes it. */
export function streamed(script: ScriptNode, programs: ReadonlySet<string> = new Set()): ScriptNode {
  const calls = callCounts(script);
  const direct = new Set(calls.keys());
  for (;;) {
    const streaming = new Streaming(direct, programs);
    const statements = streaming.list(script.statements);
    // A function is changed only when every call of it prints to the streams.
    const piped = [...direct].filter((name) => calls.get(name) !== (streaming.calls.get(name) ?? 0));
    if (piped.length === 0) return { ...script, statements };
    for (const name of piped) direct.delete(name);
  }
}

function callCounts(script: ScriptNode): Map<string, number> {
  const counts = new Map<string, number>();
  walk(script, (node) => {
    if (node['type'] === 'FunctionDef') counts.set(String(node['name']), 0);
  });
  walk(script, (node) => {
    const name = node['type'] === 'SimpleCommand' ? nameOf(node as unknown as SimpleCommandNode) : undefined;
    if (name !== undefined && counts.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  return counts;
}

class Streaming {
  readonly calls = new Map<string, number>();
  readonly #direct: ReadonlySet<string>;
  readonly #programs: ReadonlySet<string>;

  constructor(direct: ReadonlySet<string>, programs: ReadonlySet<string>) {
    this.#direct = direct;
    this.#programs = programs;
  }

  list(statements: readonly StatementNode[]): StatementNode[] {
    return statements.map((statement) => ({
      ...statement,
      pipelines: statement.pipelines.map((pipeline) => this.#pipeline(pipeline)),
    }));
  }

  #pipeline(pipeline: PipelineNode): PipelineNode {
    const last = pipeline.commands.length - 1;
    const commands = pipeline.commands.map((command, index) => {
      if (index === last) return this.#command(command);
      return command.type === 'SimpleCommand' ? redirected(command, [2]) : command;
    });
    return { ...pipeline, commands };
  }

  #command(command: CommandNode): CommandNode {
    if (command.type === 'SimpleCommand') return this.#simple(command);
    if (command.type === 'FunctionDef') {
      if (!this.#direct.has(command.name)) return command;
      return { ...command, body: this.#command(command.body) as typeof command.body };
    }
    if (takesOutput(command)) return command;
    switch (command.type) {
      case 'If':
        return {
          ...command,
          clauses: command.clauses.map(({ condition, body }) => ({
            condition: this.list(condition),
            body: this.list(body),
          })),
          elseBody: command.elseBody && this.list(command.elseBody),
        };
      case 'While':
      case 'Until':
        return { ...command, condition: this.list(command.condition), body: this.list(command.body) };
      case 'For':
      case 'CStyleFor':
      case 'Group':
      case 'Subshell':
        return { ...command, body: this.list(command.body) };
      case 'Case':
        return { ...command, items: command.items.map((item) => ({ ...item, body: this.list(item.body) })) };
      default:
        return command;
    }
  }

  #simple(command: SimpleCommandNode): SimpleCommandNode {
    const name = nameOf(command);
    if (name !== undefined && this.#direct.has(name) && !takesOutput(command)) {
      this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
      return command;
    }
    const printsLive = name !== undefined && (LIVE_COMMANDS.has(name) || this.#programs.has(name));
    const isLive = printsLive && !takesOutput(command);
    return redirected(isLive ? { ...command, name: literal(LIVE + name) } : command, [1, 2]);
  }
}

const takesOutput = ({ redirections }: CommandNode): boolean =>
  redirections.some(({ operator }) => !['<', '<<', '<<-', '<<<', '<&'].includes(operator));

/** Adds redirections of the streams that the command does not redirect itself; those of its own come later and win. */
function redirected(command: SimpleCommandNode, streams: readonly number[]): SimpleCommandNode {
  if (!command.name) return command;
  const taken = new Set(
    command.redirections.flatMap(({ fd, operator }) => {
      if (operator.startsWith('&>')) return [1, 2];
      if (operator.startsWith('>')) return [fd ?? 1];
      return [];
    }),
  );
  const added = streams
    .filter((stream) => !taken.has(stream))
    .map((fd) => ({
      type: 'Redirection' as const,
      fd,
      operator: '>>' as const,
      target: literal(`${STREAM_FOLDER}/${fd}`),
    }));
  return { ...command, redirections: [...added, ...command.redirections] };
}

const literal = (value: string): WordNode => ({ type: 'Word', parts: [{ type: 'Literal', value }] });
const quoted = (value: string): WordNode => ({ type: 'Word', parts: [{ type: 'SingleQuoted', value }] });

/** `"$(command)"` */
function output(command: SimpleCommandNode): WordNode {
  const body = { type: 'Script', statements: [statementOf(command)] };
  const parts = [{ type: 'DoubleQuoted', parts: [{ type: 'CommandSubstitution', body }] }];
  return { type: 'Word', parts } as unknown as WordNode;
}

const simple = (name: string, args: WordNode[]): SimpleCommandNode => ({
  type: 'SimpleCommand',
  assignments: [],
  name: literal(name),
  args,
  redirections: [],
});

const pipelineOf = (command: CommandNode): PipelineNode => ({ type: 'Pipeline', commands: [command], negated: false });

const statementOf = (command: CommandNode): StatementNode => ({
  type: 'Statement',
  pipelines: [pipelineOf(command)],
  operators: [],
  background: false,
});

export const nameOf = ({ name }: SimpleCommandNode): string | undefined => (name ? literalOf(name) : undefined);

export function literalOf({ parts }: WordNode): string | undefined {
  const [part] = parts;
  return part?.type === 'Literal' && parts.length === 1 ? part.value : undefined;
}
