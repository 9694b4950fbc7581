import type { ReactNode } from 'react';
import { steps as t } from '../../../../text/steps.js';
import type { Kept } from './read-step.js';

/** Says what is not kept of a step, and which setting decides that. */
export function KeptNote({
  kept,
  what,
  lacksPrompt = false,
}: {
  readonly kept: Kept;
  readonly what: 'model' | 'tool';
  /** Whether the prompt alone is missing. */
  readonly lacksPrompt?: boolean;
}): ReactNode {
  const notes = [notesOf(kept, what), lacksPrompt ? t.kept.noPrompt : null];
  return notes.map(
    (note) =>
      note !== null && (
        <p key={note[0]} className="text-sm text-soft">
          {note[0]}
          <code>{t.contentSetting}</code>
          {note[1]}
        </p>
      ),
  );
}

function notesOf(kept: Kept, what: 'model' | 'tool'): readonly [string, string] | null {
  if (kept === 'kept') return null;
  if (kept !== 'dropped') return t.kept[kept];
  return what === 'model' ? t.kept.droppedModel : t.kept.droppedTool;
}
