/** Pipelines of pure commands as one command, so that what flows between them never passes the cluster's own thread. Pure. */
import type { CommandNode, PipelineNode, SimpleCommandNode, WordNode } from 'just-bash';
import { quoteWords } from '../shell-words';
import { PURE_COMMANDS, type Stage } from './pure-commands';

type RedirectionNode = SimpleCommandNode['redirections'][number];

/** The command that a whole pipeline becomes. */
export const ASIDE = '__aside';
/** Words between those of the pipeline: no word of a script holds this character. */
const MARK = '\u0001';
const PIPE = `${MARK}|`;
const DROPPED = `${MARK}2>/dev/null`;
const JOINED = `${MARK}2>&1`;
const UNWANTED = `${MARK}>/dev/null`;

const INPUTS: ReadonlySet<string> = new Set(['<', '<<', '<<-', '<<<']);
const OUTPUTS: ReadonlySet<string> = new Set(['>', '>>', '>|']);

/** The pipeline as one command when all of its commands are pure; `defined` are functions of the script. */
export function gathered(pipeline: PipelineNode, defined: ReadonlySet<string>): PipelineNode {
  const { commands } = pipeline;
  if (pipeline.timed || pipeline.pipeStderr?.some(Boolean)) return pipeline;
  const parts: Parts = { args: [], redirections: [] };
  for (const [index, command] of commands.entries()) {
    if (!isPure(command, defined)) return pipeline;
    const place = { isFirst: index === 0, isLast: index === commands.length - 1 };
    if (!addCommand(parts, command, place)) return pipeline;
  }
  // One command alone is watched where it is run, but for what only its redirections tell.
  const isOne = commands.length === 1 && !parts.args.some((word) => textOf(word) === PIPE || textOf(word) === UNWANTED);
  if (isOne) return pipeline;
  const one: SimpleCommandNode = { type: 'SimpleCommand', assignments: [], name: literal(ASIDE), ...parts };
  return { ...pipeline, commands: [one], pipeStderr: [] };
}

interface Parts {
  args: WordNode[];
  redirections: RedirectionNode[];
}

/** Adds the words of a command with what tells its place; false when its redirections cannot be told by words. */
function addCommand(
  parts: Parts,
  command: SimpleCommandNode,
  { isFirst, isLast }: { isFirst: boolean; isLast: boolean },
) {
  const words: WordNode[] = [literal(nameOf(command)), ...command.args];
  for (const redirection of command.redirections) {
    const isInput = isFirst && INPUTS.has(redirection.operator);
    const device = isInput ? deviceOf(redirection) : undefined;
    const mark = markOf(redirection, isLast);
    if (mark) words.push(literal(mark));
    else if (device) words.unshift(literal('cat'), literal(device), literal(PIPE));
    else if (isInput || (isLast && isOutput(redirection))) parts.redirections.push(redirection);
    else return false;
  }
  parts.args.push(...(isFirst ? [] : [literal(PIPE)]), ...words);
  return true;
}

function deviceOf({ operator, target }: RedirectionNode): string | undefined {
  const path = operator === '<' && target.type === 'Word' ? textOf(target) : undefined;
  return path !== undefined && /^\/dev\/(?:zero|u?random)$/.test(path) ? path : undefined;
}

function isPure(command: CommandNode, defined: ReadonlySet<string>): command is SimpleCommandNode {
  if (command.type !== 'SimpleCommand' || command.assignments.length > 0 || !command.name) return false;
  const name = nameOf(command);
  if (!PURE_COMMANDS.has(name) || defined.has(name)) return false;
  // A file that is followed is read for ever.
  return name !== 'tail' || !command.args.some((word) => /^-\w*[fF]|^--follow/.test(textOf(word) ?? ''));
}

const isOutput = ({ operator, fd }: RedirectionNode): boolean => OUTPUTS.has(operator) && (fd === null || fd === 1);

/** The word that stands for a redirection. */
function markOf(redirection: RedirectionNode, isLast: boolean): string | undefined {
  const { operator, fd, target } = redirection;
  const to = target.type === 'Word' ? textOf(target) : undefined;
  if (isLast && isOutput(redirection) && to === '/dev/null') return UNWANTED;
  if (fd !== 2) return undefined;
  if (OUTPUTS.has(operator) && to === '/dev/null') return DROPPED;
  return operator === '>&' && to === '1' ? JOINED : undefined;
}

/** The commands in the words of the one that a pipeline has become. */
export function stagesOf(words: readonly string[]): Stage[] {
  const stages: (Stage & { words: string[] })[] = [{ words: [] }];
  for (const word of words) {
    const last = stages[stages.length - 1];
    if (word === PIPE) stages.push({ words: [] });
    else if (word === DROPPED && last) last.errors = 'dropped';
    // `>/dev/null 2>&1` drops both, `2>&1 >/dev/null` only what is no error.
    else if (word === JOINED && last) last.errors = last.output ?? 'joined';
    else if (word === UNWANTED && last) last.output = 'dropped';
    else last?.words.push(word);
  }
  return stages;
}

/** The pipeline as a shell reads it. */
export function lineOf(stages: readonly Stage[]): string {
  return stages
    .map(({ words, errors, output }) => {
      const suffix = errors === 'dropped' ? ' 2>/dev/null' : errors === 'joined' ? ' 2>&1' : '';
      return quoteWords(words) + suffix + (output === 'dropped' ? ' >/dev/null' : '');
    })
    .join(' | ');
}

/** What `set -x` prints, with each pipeline as it was written. */
export function tracedPipelines(stderr: string): string {
  return stderr.replaceAll(/^(\++) __aside (.*)$/gm, (_line, plus: string, words: string) =>
    words
      .split(" $'\\x01|' ")
      .map((stage) => `${plus} ${stage.replaceAll(/ \$'\\x01[^']*'/g, '')}`)
      .join('\n'),
  );
}

const literal = (value: string): WordNode => ({ type: 'Word', parts: [{ type: 'SingleQuoted', value }] });
const nameOf = ({ name }: SimpleCommandNode): string => (name ? (textOf(name) ?? '') : '');

/** A word without expansions. */
function textOf({ parts }: WordNode): string | undefined {
  const [part] = parts;
  if (parts.length !== 1) return undefined;
  return part?.type === 'Literal' || part?.type === 'SingleQuoted' ? part.value : undefined;
}
