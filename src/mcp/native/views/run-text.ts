import type { WaitReasons } from '../../../core/ports/engine.js';
import { outputJson } from '../../../core/run/output-json.js';
import { isTerminal, type Run } from '../../../core/run/run.js';
import { outputText, runUri } from '../../tool-kit/cut-output.js';
import { nextAction, runSentence } from './run-words.js';

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
  const json = outputJson(run);
  if (json !== null) lines.push(outputText(json, runUri(run.id)));
  if (!isTerminal(run.status)) lines.push(nextAction(run, { runId, now }));
  return lines.join('\n');
}
