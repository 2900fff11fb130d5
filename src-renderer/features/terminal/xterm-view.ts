import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import { terminalTheme } from './terminal-theme';
import type { TerminalSize } from './use-terminal-session';

export interface XtermOptions {
  host: HTMLElement;
  onInput(text: string): void;
  onResize(size: TerminalSize): void;
  /** A link was clicked; nothing is opened by the terminal itself. */
  onLink(url: string): void;
  /** Keys the window wants before the terminal; true when it has taken one. */
  onKey(event: KeyboardEvent): boolean;
}

/**
 * One xterm on the screen. What comes from the cluster can draw and nothing else: there is no clipboard, no window
 * operation and no title; links, whether found in the text or sent as OSC 8, only ask.
 */
export class XtermView {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon();
  readonly #host: HTMLElement;
  readonly #observers: { disconnect(): void }[] = [];

  constructor(options: XtermOptions) {
    this.#host = options.host;
    this.#terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: false,
      fontFamily: getComputedStyle(options.host).getPropertyValue('--mono'),
      fontSize: 12,
      lineHeight: 1.25,
      linkHandler: { activate: (_event, url) => options.onLink(url), allowNonHttpProtocols: false },
      macOptionIsMeta: true,
      minimumContrastRatio: 4.5,
      screenReaderMode: false,
      scrollback: 10_000,
      theme: terminalTheme(options.host),
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.loadAddon(this.#search);
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.loadAddon(new WebLinksAddon((_event, url) => options.onLink(url)));
    this.#terminal.unicode.activeVersion = '11';
    this.#terminal.attachCustomKeyEventHandler((event) => !options.onKey(event));
    this.#terminal.onData((text) => options.onInput(text));
    this.#terminal.onResize(({ cols, rows }) => options.onResize({ columns: cols, rows }));
    this.#terminal.open(options.host);
    this.#observe();
    this.fit();
  }

  get size(): TerminalSize {
    return { columns: this.#terminal.cols, rows: this.#terminal.rows };
  }

  get selection(): string {
    return this.#terminal.getSelection();
  }

  write(text: string): void {
    this.#terminal.write(text);
  }

  paste(text: string): void {
    this.#terminal.paste(text);
  }

  /** A new program starts: nothing of the last one's modes stays, its text does. */
  restart(): void {
    this.#terminal.write('\u001b[!p\u001b[?1049l\u001b[0m\r\n');
  }

  find(text: string, direction: 'next' | 'previous'): boolean {
    const options = { decorations: this.#marks(), caseSensitive: false };
    return direction === 'next' ? this.#search.findNext(text, options) : this.#search.findPrevious(text, options);
  }

  clearFind(): void {
    this.#search.clearDecorations();
    this.#terminal.clearSelection();
  }

  fit(): void {
    if (this.#host.clientHeight > 0 && this.#host.clientWidth > 0) this.#fit.fit();
  }

  focus(): void {
    this.#terminal.focus();
  }

  dispose(): void {
    for (const observer of this.#observers) observer.disconnect();
    this.#terminal.dispose();
  }

  /** Size follows the panel; colours follow the theme of the document. */
  #observe(): void {
    const resize = new ResizeObserver(() => this.fit());
    resize.observe(this.#host);
    const theme = new MutationObserver(() => (this.#terminal.options.theme = terminalTheme(this.#host)));
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    this.#observers.push(resize, theme);
  }

  /** The addon takes `#rrggbb` only, so the marks do not come from the tokens. */
  #marks() {
    return {
      matchOverviewRuler: '#b7791f',
      activeMatchColorOverviewRuler: '#b7791f',
      matchBackground: '#6b4f1d',
      activeMatchBackground: '#b7791f',
    };
  }
}
