import type { ITheme } from '@xterm/xterm';

/** xterm's names of the sixteen colours, in their order; each is a token of logs and terminals alike. */
const ANSI = [
  'black',
  'red',
  'green',
  'yellow',
  'blue',
  'magenta',
  'cyan',
  'white',
  'brightBlack',
  'brightRed',
  'brightGreen',
  'brightYellow',
  'brightBlue',
  'brightMagenta',
  'brightCyan',
  'brightWhite',
] as const satisfies readonly (keyof ITheme)[];

/** xterm's theme out of the tokens that hold at `element`; read again when the theme changes. */
export function terminalTheme(element: HTMLElement): ITheme {
  const probe = document.createElement('span');
  element.append(probe);
  // Through an element's own colour a token comes out worked out, whatever it is mixed from.
  const colour = (token: string) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const theme: ITheme = {
    background: colour('--surface'),
    foreground: colour('--text'),
    cursor: colour('--accent'),
    cursorAccent: colour('--surface'),
    selectionBackground: colour('--terminal-selection'),
    ...Object.fromEntries(ANSI.map((name, index) => [name, colour(`--ansi-${index}`)])),
  };
  probe.remove();
  return theme;
}
