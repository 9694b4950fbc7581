import { cutText } from '../../../core/text/cut-text.js';
import type { WaitReasons } from '../../../core/ports/engine.js';
import { isTerminal, type Run } from '../../../core/run/run.js';
import { nextAction, runSentence } from './run-words.js';

/** Characters of an output that are worth showing twice, to those who see texts only. */
const MAX_SHOWN_LENGTH = 4_000;

interface RunTextView {
  readonly runId: string;
  readonly now: number;
  readonly waits?: WaitReasons;
}

/** What people and models are told of a run, a few lines. */
export function runText(run: Run, { runId, now, waits }: RunTextView): string {
  const lines = [runSentence(run, runId, waits)];
  if (run.summary !== null) lines.push(run.summary);
  if (run.outputError !== null) lines.push(`It has no output: ${run.outputError}`);
  if (run.output !== undefined) lines.push(outputLine(JSON.stringify(run.output), runId));
  if (!isTerminal(run.status)) lines.push(nextAction(run, { runId, now }));
  return lines.join('\n');
}

function outputLine(json: string, runId: string): string {
  if (json.length <= MAX_SHOWN_LENGTH) return `Output: ${json}`;
  return `Output, the first ${MAX_SHOWN_LENGTH} of ${json.length} characters (all of it: errand://runs/${runId}): ${cutText(json, MAX_SHOWN_LENGTH)}`;
}
