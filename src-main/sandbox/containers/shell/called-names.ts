import type { ScriptNode, SimpleCommandNode } from 'just-bash';
import { literalOf, nameOf, walk } from './instrument';

/** Words that a shell understands itself. */
const BUILTINS = new Set(
  (
    '. : [ alias bg break builtin cd command continue declare dirs disown echo eval exec exit export false fg getopts ' +
    'hash help history jobs kill let local mapfile popd printf pushd pwd read readarray readonly return set shift shopt ' +
    'source test times trap true type typeset ulimit umask unalias unset wait'
  ).split(' '),
);

/** The programs that a script calls by names that stand in it: not what variables name, nor its functions. */
export function calledNames(script: ScriptNode): ReadonlySet<string> {
  const called = new Set<string>();
  const functions = new Set<string>();
  walk(script, (node) => {
    if (node['type'] === 'FunctionDef') functions.add((node as unknown as { name: string }).name);
    if (node['type'] !== 'SimpleCommand') return;
    const command = node as unknown as SimpleCommandNode;
    const name = nameOf(command);
    const [first] = command.args;
    const program = name === 'exec' && first ? literalOf(first) : name;
    if (program && !BUILTINS.has(program) && !program.startsWith('-')) called.add(program);
  });
  return new Set([...called].filter((name) => !functions.has(name)));
}
