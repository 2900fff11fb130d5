/** Names of types as cel-go writes them: `list<string>` is `list(string)`. */
export function typeWords(name: string): string {
  if (name === 'list') return 'list(dyn)';
  if (name === 'map') return 'map(dyn, dyn)';
  if (name === 'null') return 'null_type';
  return name
    .replaceAll(/\boptional</g, 'optional_type<')
    .replaceAll('<', '(')
    .replaceAll('>', ')')
    .replaceAll(/\bnull\b/g, 'null_type');
}
