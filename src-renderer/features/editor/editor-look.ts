import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** The editor in the window's own tokens, so that both themes follow by themselves. */
export const editorLook: Extension = [
  EditorView.theme({
    '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '12px' },
    '&.cm-focused': { outline: 'none' },
    '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
    '.cm-content': { caretColor: 'var(--text)', padding: '6px 0' },
    '.cm-cursor': { borderLeftColor: 'var(--text)' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
      backgroundColor: 'color-mix(in oklch, var(--accent) 26%, transparent)',
    },
    '.cm-activeLine': { backgroundColor: 'color-mix(in oklch, var(--accent) 6%, transparent)' },
    '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--text-3)', border: 'none' },
    '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text)' },
    '.cm-foldPlaceholder': { background: 'var(--sunken)', borderColor: 'var(--line)', color: 'var(--text-2)' },
    '.cm-foldGutter span': { color: 'var(--text-3)' },
    '.cm-searchMatch': { backgroundColor: 'var(--warn-soft)', boxShadow: '0 0 0 1px var(--warn)' },
    '.cm-searchMatch-selected': { backgroundColor: 'var(--warn-soft)', boxShadow: '0 0 0 2px var(--warn)' },
    '.cm-selectionMatch': { backgroundColor: 'var(--accent-soft)' },
    '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--accent-soft)', outline: 'none' },
  }),
  EditorView.theme({
    '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--text)', fontFamily: 'var(--sans)' },
    '.cm-panels-top': { borderBottom: '1px solid var(--line)' },
    '.cm-panels-bottom': { borderTop: '1px solid var(--line)' },
    '.cm-panel.cm-search': { padding: '6px 30px 6px 10px', fontSize: '12px' },
    '.cm-panel.cm-search [name=close]': { color: 'var(--text-2)', fontSize: '16px', right: '8px', top: '6px' },
    '.cm-textfield': {
      backgroundColor: 'var(--surface)',
      border: '1px solid var(--line-strong)',
      borderRadius: 'var(--r1)',
      color: 'var(--text)',
      fontSize: '12px',
    },
    '.cm-button': {
      background: 'var(--surface)',
      border: '1px solid var(--line-strong)',
      borderRadius: 'var(--r1)',
      color: 'var(--text)',
      fontSize: '12px',
    },
    '.cm-tooltip': {
      backgroundColor: 'var(--raised)',
      border: '1px solid var(--line-strong)',
      borderRadius: 'var(--r2)',
      boxShadow: 'var(--shadow)',
      fontFamily: 'var(--sans)',
      fontSize: '12px',
      maxWidth: '420px',
    },
    '.cm-diagnostic': { padding: '5px 10px', whiteSpace: 'pre-wrap' },
    '.cm-diagnostic-error': { borderLeft: '3px solid var(--bad)' },
    '.cm-diagnostic-warning': { borderLeft: '3px solid var(--warn)' },
    '.cm-lintRange-error': { backgroundImage: 'none', borderBottom: '2px dotted var(--bad)' },
    '.cm-lintRange-warning': { backgroundImage: 'none', borderBottom: '2px dotted var(--warn)' },
    '.cm-lint-marker': { width: '9px', height: '9px', content: '""', margin: '5px 2px' },
    '.cm-lint-marker-error': {
      content: '""',
      background: 'var(--bad)',
      transform: 'rotate(45deg)',
      borderRadius: '1px',
    },
    '.cm-lint-marker-warning': {
      content: '""',
      background: 'var(--warn)',
      clipPath: 'polygon(50% 0, 100% 100%, 0 100%)',
    },
  }),
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--busy)' },
      { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok)' },
      { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--sandbox)' },
      { tag: tags.comment, color: 'var(--text-3)', fontStyle: 'italic' },
      { tag: [tags.meta, tags.keyword, tags.typeName, tags.labelName], color: 'var(--warn)' },
      { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: 'var(--text-3)' },
    ]),
  ),
];

/** Added and removed lines, by colour and by the mark in the gutter. */
export const diffLook: Extension = EditorView.theme({
  '&.cm-merge-b .cm-changedLine, &.cm-merge-b .cm-insertedLine': { backgroundColor: 'var(--ok-soft)' },
  '&.cm-merge-b .cm-changedText': {
    background: 'color-mix(in oklch, var(--ok) 26%, transparent)',
    borderRadius: '2px',
  },
  '&.cm-merge-b .cm-deletedChunk': { backgroundColor: 'var(--bad-soft)', paddingLeft: '6px' },
  '&.cm-merge-b .cm-deletedText': {
    background: 'color-mix(in oklch, var(--bad) 26%, transparent)',
    borderRadius: '2px',
  },
  '.cm-deletedLine, .cm-deletedLine del': { textDecoration: 'none' },
  '.cm-changeGutter': { width: '4px', paddingLeft: '1px' },
  '&.cm-merge-b .cm-changedLineGutter': { background: 'var(--ok)' },
  '.cm-deletedLineGutter': { background: 'var(--bad)' },
  '.cm-collapsedLines': {
    background: 'var(--sunken)',
    color: 'var(--text-2)',
    fontFamily: 'var(--sans)',
    padding: '4px 10px',
    '&:before, &:after': { content: '""' },
  },
});
