/** Names that stand for the shell itself. */
const SHELLS = new Set(['sh', 'bash', 'ash', 'dash']);

export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export function isShell(word: string | undefined): boolean {
  return word !== undefined && SHELLS.has(baseName(word));
}

/** What a shell was asked to do: a script to run, a file to read, or to read commands from its input. */
export type ShellTask =
  | { kind: 'script'; script: string; positional: readonly string[] }
  | { kind: 'file'; path: string; positional: readonly string[] }
  | { kind: 'interactive' };

/** Reads the words after `sh`: options of one letter are taken and dropped, `-c` takes the script. */
export function shellTask(args: readonly string[]): ShellTask {
  let script = false;
  let options = '';
  let index = 0;
  for (; index < args.length; index++) {
    const word = args[index] ?? '';
    if (!/^[-+][a-zA-Z]+$/.test(word)) break;
    const letters = word.slice(1).replaceAll(/[cil]/g, '');
    if (letters) options += `set ${word[0]}${letters}\n`;
    if (word.includes('c')) script = true;
    if (word === '-o' || word === '+o') index++;
  }
  const [first, ...rest] = args.slice(index);
  if (first === undefined) return { kind: 'interactive' };
  if (script) return { kind: 'script', script: options + first, positional: rest };
  return { kind: 'file', path: first, positional: rest };
}

export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line that means exactly these words. */
export function quoteWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

const READERS =
  /\b(cat|tar|tee|xargs|grep|sed|awk|sort|uniq|wc|head|tail|dd|base64|gunzip|gzip|read|jq|md5sum|sha256sum|tr|cut|nc|ncat|xbstream)\b/;

/** Clients that read statements from their input unless a word brings some. */
const CLIENTS: Readonly<Record<string, RegExp>> = {
  mysql: /^(?:-e|--execute)/,
  psql: /^(?:-c|--command)/,
  'redis-cli': /^[A-Za-z]/,
};

/** True when the words may read their input: only then is there anything to wait for before they run. */
export function readsInput(words: readonly string[]): boolean {
  if (isShell(words[0]) && shellTask(words.slice(1)).kind === 'interactive') return true;
  const client = CLIENTS[baseName(words[0] ?? '')];
  if (client !== undefined) return !words.some((word) => client.test(word));
  return READERS.test(words.join(' '));
}
