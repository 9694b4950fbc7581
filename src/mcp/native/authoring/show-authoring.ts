import { estimateJsonLength, type Json, type JsonObject } from '../../../core/json.js';
import type { DraftSummary } from '../../../core/ports/store/workflows/draft-store.js';
import { renderChecked, renderDraftItem } from '../../../core/render/render-checked.js';
import { cutText, shorten } from '../../../core/text/cut-text.js';
import type { CheckedText, PlacedFault } from '../../../core/workflow/checked-text.js';
import { cutOutput, OUTPUT_LIMITS, shareWords } from '../../tool-kit/cut-output.js';

/** What the tools for writing workflows show, within what hosts take. */

/** Faults that the text tells; the structure has all. */
const MAX_TOLD = 20;
const MAX_PATH = 200;
/** Characters of JSON of what is made of a definition, by field. The caller has the definition. */
const MOST = { graph: 10_000, input_schema: 5_000, output_schema: 5_000 } as const;

/** A definition and where it can be read whole. */
interface ShownDefinition {
  readonly definition: string;
  readonly resource: string;
}

/** As fields, and as text for those who see texts only. */
export function showDefinition({ definition, resource }: ShownDefinition): {
  readonly fields: JsonObject;
  readonly text: string;
} {
  const cut = cutOutput(definition, { most: OUTPUT_LIMITS.whole, resource });
  if (cut === null) return { fields: { definition }, text: definition };
  const shown = cutText(definition, OUTPUT_LIMITS.text);
  const head = `The first ${shown.length} of ${definition.length} characters (all of it: ${resource}):`;
  return { fields: { definition_cut: cut }, text: `${head}\n${shown}` };
}

export function showDraft(draft: DraftSummary): JsonObject {
  const { id, workflow_id, name, base_version, fault_count, revision, updated_at } = renderDraftItem(draft);
  return { id, workflow_id, name, base_version, fault_count, revision, updated_at };
}

export function showChecked(checked: CheckedText): JsonObject {
  const rendered: JsonObject = { ...(renderChecked(checked) as unknown as JsonObject), ...showFaults(checked) };
  const leftOut = Object.entries(MOST).flatMap(([field, most]) => (isLonger(rendered[field], most) ? [field] : []));
  if (leftOut.length === 0) return rendered;
  return { ...rendered, ...Object.fromEntries(leftOut.map((field) => [field, null])), left_out: leftOut };
}

/** What differs from the published version; null, with a word of it, where that is too much. */
export function showChanges(changes: Json): JsonObject {
  return isLonger(changes, OUTPUT_LIMITS.whole) ? { changes: null, left_out: ['changes'] } : { changes };
}

function isLonger(value: Json | undefined, most: number): boolean {
  return value !== undefined && estimateJsonLength(value, most) > most;
}

/** Their values are in the text that was sent. */
export function showFaults({ faults, warnings }: Pick<CheckedText, 'faults' | 'warnings'>): {
  readonly faults: JsonObject[];
  readonly warnings: JsonObject[];
} {
  const words = shareWords(faults.length + warnings.length);
  const show = ({ path, message, line, column }: PlacedFault): JsonObject => ({
    path: shorten(path, MAX_PATH),
    message: shorten(message, words),
    line,
    column,
  });
  return { faults: faults.map(show), warnings: warnings.map(show) };
}

export function tellChecked({ faults, faultCount, warnings }: CheckedText): string {
  const words = shareWords(2 * MAX_TOLD);
  const tell = ({ path, message, line }: PlacedFault): string => {
    const place = path === '' ? 'the definition' : shorten(path, MAX_PATH);
    return `${line === null ? '' : `line ${line}, `}${place}: ${shorten(message, words)}`;
  };
  const head =
    faultCount === 0 ? 'It has no faults.' : `It has ${faultCount === 1 ? 'a fault' : `${faultCount} faults`}:`;
  const more = faultCount > MAX_TOLD ? [`and ${faultCount - MAX_TOLD} more.`] : [];
  const warned = warnings.slice(0, MAX_TOLD).map((warning) => `warning: ${tell(warning)}`);
  return [head, ...faults.slice(0, MAX_TOLD).map(tell), ...more, ...warned].join('\n');
}
