/** CodeMirror's own words by the English text it looks them up with. */
const KEYS: Record<string, string> = {
  Find: 'find',
  Replace: 'replace',
  next: 'next',
  previous: 'previous',
  all: 'all',
  'match case': 'matchCase',
  regexp: 'regexp',
  'by word': 'byWord',
  replace: 'replace',
  'replace all': 'replaceAll',
  close: 'close',
  go: 'go',
  'Go to line': 'gotoLine',
  'folded code': 'folded',
  unfold: 'unfold',
  'Fold line': 'fold',
  'Unfold line': 'unfoldLine',
  Diagnostics: 'diagnostics',
  'No diagnostics': 'noDiagnostics',
  '$ unchanged lines': 'unchangedLines',
  'current match': 'currentMatch',
  'on line': 'onLine',
};

export function editorPhrases(t: (key: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(KEYS).map(([english, key]) => [english, t(`editor.phrases.${key}`)]));
}
