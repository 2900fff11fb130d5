/** What volatile values of an output look like in a transcript: the same in every run. */
const TOKENS: readonly [RegExp, string][] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uid>'],
  [/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g, '<time>'],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}/g, '<time>'],
  [/\b\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d+ [+-]\d{4} UTC/g, '<time>'],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}/g, '<time>'],
  [/<invalid>/g, '<age>'],
  [/containerd:\/\/[0-9a-f]{64}/g, 'containerd://<id>'],
  [/sha256:[0-9a-f]{64}/g, 'sha256:<digest>'],
  [/\b(?:\d+d)?(?:\d+h)?(?:\d+m)?\d+s\b/g, '<age>'],
  [/\b\d+m(?=\s|$)(?=.*<age>|\s*$)/gm, '<age>'],
  [/-pod[0-9a-f]{8}(?:_[0-9a-f]{4}){3}_[0-9a-f]{12}\b/g, '-pod<uid>'],
  [/\b[0-9a-f]{64}\b/g, '<id>'],
  [/\bkube-proxy-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, 'kube-proxy-<hash>'],
  [/\b10\.244\.\d+\.\d+\b/g, '<pod-ip>'],
  [/\b10\.96\.\d+\.\d+\b/g, '<cluster-ip>'],
  [/-[bcdf0-9][bcdfghjklmnpqrstvwxz2456789]{7,9}-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '-<hash>'],
  [/^(\w+(?:\{.*\})?) [\d.e+-]+(?: \d{13})?$/gm, '$1 <value>'],
  [/"(cpu|memory)":"\d+(?:[num]|[KMG]i)?"/g, '"$1":"<value>"'],
  [/127\.0\.0\.1:\d{4,5}/g, '127.0.0.1:<port>'],
];

export function tokenised(text: string): string {
  return TOKENS.reduce((written, [pattern, token]) => written.replaceAll(pattern, token), text.replaceAll('\r', ''));
}

export interface Entry {
  say: string | undefined;
  command: string;
  output: string;
}

/** A page that shows one row as it was tried. */
export function transcript({ row, title }: { row: number; title: string }, entries: readonly Entry[]): string {
  const parts = entries.map(({ say, command, output }) => {
    const words = say ? `${say}\n\n` : '';
    return `${words}\`\`\`console\n$ ${command}\n${tokenised(output).trimEnd()}\n\`\`\`\n`;
  });
  return `# ${row}. ${title}\n\nMade by \`npm run seeds -- --update\` with an unmodified kubectl; ages, addresses and generated names are tokens.\n\n${parts.join('\n')}`;
}
