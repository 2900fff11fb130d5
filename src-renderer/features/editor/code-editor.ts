import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, foldGutter, foldKeymap, indentService, indentUnit } from '@codemirror/language';
import { lintGutter, linter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { unifiedMergeView } from '@codemirror/merge';
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { diffLook, editorLook } from './editor-look';
import { nextIndent } from './yaml-indent';
import { yamlProblems, type TextProblem } from './yaml-places';

export interface EditorOptions {
  host: HTMLElement;
  text: string;
  readOnly: boolean;
  /** What the editor is called for a screen reader. */
  label: string;
  /** The editor's own words in the language of the window. */
  phrases: Record<string, string>;
  onChange?(text: string): void;
  onSave?(): void;
}

/** A YAML editor without framework: text in, text out. */
export class CodeEditor {
  readonly #view: EditorView;
  readonly #readOnly = new Compartment();
  #serverProblems: readonly TextProblem[] = [];

  constructor(options: EditorOptions) {
    const state = EditorState.create({
      doc: options.text,
      extensions: [
        ...reading(options),
        this.#readOnly.of(EditorState.readOnly.of(options.readOnly)),
        history(),
        indentUnit.of('  '),
        indentService.of((context, position) => nextIndent(context.lineAt(position, -1).text)),
        lintGutter(),
        linter((view) => this.#problems(view), { delay: 200 }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          this.#serverProblems = [];
          options.onChange?.(update.state.doc.toString());
        }),
        keymap.of([
          { key: 'Mod-s', preventDefault: true, run: () => (options.onSave?.(), true) },
          ...defaultKeymap,
          ...historyKeymap,
          ...lintKeymap,
          indentWithTab,
        ]),
      ],
    });
    this.#view = new EditorView({ state, parent: options.host });
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  /** Replaces the content where it differs; place, folds and selection stay as far as they can. */
  set text(text: string) {
    const old = this.text;
    if (text === old) return;
    let from = 0;
    while (from < old.length && from < text.length && old[from] === text[from]) from++;
    let tail = 0;
    while (tail < old.length - from && tail < text.length - from && old.at(-1 - tail) === text.at(-1 - tail)) tail++;
    this.#view.dispatch({ changes: { from, to: old.length - tail, insert: text.slice(from, text.length - tail) } });
  }

  set readOnly(readOnly: boolean) {
    this.#view.dispatch({ effects: this.#readOnly.reconfigure(EditorState.readOnly.of(readOnly)) });
  }

  /** Marks what the server refused, until the text changes. */
  showServerProblems(problems: readonly TextProblem[]): void {
    this.#serverProblems = problems;
    this.#view.dispatch(setDiagnostics(this.#view.state, this.#problems(this.#view)));
    const [first] = problems;
    if (first) this.reveal(first.from);
  }

  /** Puts the cursor at a place and scrolls it into the middle. */
  reveal(position: number): void {
    const at = Math.min(position, this.#view.state.doc.length);
    this.#view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
  }

  openSearch(): void {
    openSearchPanel(this.#view);
  }

  focus(): void {
    this.#view.focus();
  }

  destroy(): void {
    this.#view.destroy();
  }

  #problems(view: EditorView): Diagnostic[] {
    const { length } = view.state.doc;
    return [...yamlProblems(view.state.doc.toString()), ...this.#serverProblems].map((problem) => ({
      from: Math.min(problem.from, length),
      to: Math.min(problem.to, length),
      severity: problem.severity,
      message: problem.message,
    }));
  }
}

/** What was changed, as one text with the old lines above the new ones. Answers how to take it away again. */
export function showDiff(options: Omit<EditorOptions, 'readOnly' | 'onChange'> & { original: string }): () => void {
  const view = new EditorView({
    parent: options.host,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        ...reading(options),
        EditorState.readOnly.of(true),
        keymap.of(defaultKeymap),
        diffLook,
        unifiedMergeView({
          original: options.original,
          mergeControls: false,
          collapseUnchanged: { margin: 3, minSize: 6 },
          syntaxHighlightDeletions: true,
        }),
      ],
    }),
  });
  return () => view.destroy();
}

/** What reading and editing share. */
function reading({ label, phrases }: Pick<EditorOptions, 'label' | 'phrases'>): Extension[] {
  return [
    EditorState.phrases.of(phrases),
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
    editorLook,
    yaml(),
    lineNumbers(),
    foldGutter(),
    drawSelection(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    bracketMatching(),
    highlightSelectionMatches(),
    search({ top: true }),
    keymap.of([...searchKeymap, ...foldKeymap]),
  ];
}
