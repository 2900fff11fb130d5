import type { ITheme } from '@xterm/xterm';

/** The sixteen colours of the window's own logs and terminals, by the token that holds each. */
const ANSI = [
  ['black', '--ansi-0'],
  ['red', '--ansi-1'],
  ['green', '--ansi-2'],
  ['yellow', '--ansi-3'],
  ['blue', '--ansi-4'],
  ['magenta', '--ansi-5'],
  ['cyan', '--ansi-6'],
  ['white', '--ansi-7'],
  ['brightBlack', '--ansi-8'],
  ['brightRed', '--ansi-9'],
  ['brightGreen', '--ansi-10'],
  ['brightYellow', '--ansi-11'],
  ['brightBlue', '--ansi-12'],
  ['brightMagenta', '--ansi-13'],
  ['brightCyan', '--ansi-14'],
  ['brightWhite', '--ansi-15'],
] as const;

/** xterm's theme out of the tokens that hold at `element`; read again when the theme changes. */
export function terminalTheme(element: HTMLElement): ITheme {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const theme: ITheme = {
    background: token('--surface'),
    foreground: token('--text'),
    cursor: token('--accent'),
    cursorAccent: token('--surface'),
    selectionBackground: token('--terminal-selection'),
  };
  for (const [name, property] of ANSI) theme[name] = token(property);
  return Object.fromEntries(Object.entries(theme).filter(([, value]) => value)) as ITheme;
}
