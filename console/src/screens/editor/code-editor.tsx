import { autocompletion } from '@codemirror/autocomplete';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { EditorState, type Text } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { basicSetup } from 'codemirror';
import { useEffect, useRef, type ReactNode } from 'react';
import type { ApiPlacedFault } from '@api/authoring-types.js';
import { completeDefinition } from './completion.js';

interface CodeEditorProps {
  readonly label: string;
  /** What it begins with; what is typed from then on is the editor's. */
  readonly start: string;
  readonly faults: readonly ApiPlacedFault[];
  readonly warnings: readonly ApiPlacedFault[];
  readonly onChange: (text: string) => void;
  /** A place to go to; each time that it is another object. */
  readonly goal: { readonly line: number } | null;
}

/** Colours are those of the console, in both themes. */
const THEME = EditorView.theme({
  '&': { color: 'var(--color-ink)', backgroundColor: 'var(--color-panel)', height: '34rem', fontSize: '0.875rem' },
  // The editor notes its focus a moment later.
  '&.cm-focused, &:focus-within': { outline: '2px solid var(--color-link)' },
  '.cm-content': { fontFamily: 'var(--font-mono, monospace)', caretColor: 'var(--color-ink)' },
  '.cm-cursor': { borderLeftColor: 'var(--color-ink)' },
  '.cm-gutters': { backgroundColor: 'var(--color-sunken)', color: 'var(--color-soft)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--color-line)',
  },
  '.cm-tooltip, .cm-panels': {
    backgroundColor: 'var(--color-panel)',
    color: 'var(--color-ink)',
    border: '1px solid var(--color-edge)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--color-sunken)',
    color: 'var(--color-ink)',
  },
});

const COLORS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--color-link)' },
  { tag: tags.comment, color: 'var(--color-soft)' },
]);

/**
 * A definition as it is typed, with its faults at their places. In a root of its own, as the page's policy takes styles
 * of that alone.
 */
export function CodeEditor({ label, start, faults, warnings, onChange, goal }: CodeEditorProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const change = useRef(onChange);
  change.current = onChange;
  useEffect(() => {
    if (place.current === null) return undefined;
    const root = place.current.shadowRoot ?? place.current.attachShadow({ mode: 'open' });
    const made = new EditorView({ state: stateOf(start, { label, change }), parent: root, root });
    // Who scrolls by keys reaches it without typing.
    made.scrollDOM.tabIndex = 0;
    made.scrollDOM.role = 'group';
    made.scrollDOM.ariaLabel = label;
    view.current = made;
    return () => made.destroy();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- Another text is another editor, by its key.
  }, []);
  useEffect(() => {
    const shown = view.current;
    if (shown === null) return;
    const { doc } = shown.state;
    const all = [
      ...faults.map((fault) => toDiagnostic(fault, 'error', doc)),
      ...warnings.map((warning) => toDiagnostic(warning, 'warning', doc)),
    ];
    shown.dispatch(setDiagnostics(shown.state, all));
  }, [faults, warnings]);
  useEffect(() => {
    const shown = view.current;
    if (shown === null || goal === null) return;
    const { from } = shown.state.doc.line(Math.min(Math.max(1, goal.line), shown.state.doc.lines));
    shown.dispatch({ selection: { anchor: from }, scrollIntoView: true });
    shown.focus();
  }, [goal]);
  return <div ref={place} data-testid="editor" />;
}

function stateOf(
  doc: string,
  { label, change }: { readonly label: string; readonly change: { readonly current: (text: string) => void } },
): EditorState {
  return EditorState.create({
    doc,
    extensions: [
      basicSetup,
      yaml(),
      autocompletion({ override: [completeDefinition] }),
      lintGutter(),
      THEME,
      syntaxHighlighting(COLORS),
      EditorView.contentAttributes.of({ 'aria-label': label }),
      EditorView.updateListener.of(({ docChanged, state }) => {
        if (docChanged) change.current(state.doc.toString());
      }),
    ],
  });
}

/** From its place to the end of the line. */
function toDiagnostic(fault: ApiPlacedFault, severity: Diagnostic['severity'], doc: Text): Diagnostic {
  const line = doc.line(Math.min(Math.max(1, fault.line ?? 1), doc.lines));
  const from = Math.min(line.to, line.from + Math.max(0, (fault.column ?? 1) - 1));
  const to = Math.max(from, line.to);
  return { from, to, severity, message: fault.path === '' ? fault.message : `${fault.path}: ${fault.message}` };
}
