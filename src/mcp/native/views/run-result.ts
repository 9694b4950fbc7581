import type { WorkflowDefinition } from '../../../core/workflow/definition.js';
import type { WaitReasons } from '../../../core/ports/engine.js';
import type { Json, JsonObject } from '../../../core/json.js';
import { outputJson } from '../../../core/run/output-json.js';
import { isTerminal, type Run } from '../../../core/run/run.js';
import { computePollAfterMs } from './poll-advice.js';
import { repeatAction } from './repeat-action.js';
import { failureText, nextAction, runSentence, statusMessage } from './run-words.js';
import { cutOutput, OUTPUT_LIMITS, outputText, runUri } from '../../tool-kit/cut-output.js';
import { toToolResult, toToolResultJson } from '../schemas/workflow-schemas.js';
import { renderRunId } from '../../../core/render/run-id.js';

/**
 * A whole `tools/call` result: what the workflow's tool answers with when the run has ended, or when the wait for that
 * is over.
 */
export function runResult({ run, definition, now, waits, created = true }: RunToShow): JsonObject {
  if (!isTerminal(run.status)) return handleResult(run, now, waits);
  const json = outputJson(run);
  if (json === null || !isSuccess(run)) return failureResult(run, created ? null : repeatAction(run));
  return outputResult(run, definition, toToolResultJson(definition, json));
}

export interface RunToShow {
  readonly run: Run;
  /** The workflow's newest; null when it is there no more. */
  readonly definition: WorkflowDefinition | null;
  readonly now: number;
  /** What keeps it from going ahead. */
  readonly waits?: WaitReasons;
  /** False when an idempotency key named a run that was there already. */
  readonly created?: boolean;
}

function isSuccess(run: Run): boolean {
  return run.status === 'completed' || (run.status === 'partial_complete' && run.outputError === null);
}

/** Clients without structured results read the second text. */
function outputResult(run: Run, definition: WorkflowDefinition | null, json: string): JsonObject {
  const runId = renderRunId(run.id);
  const sentence = runSentence(run, runId);
  const first = run.summary === null ? sentence : `${sentence}\n${run.summary}`;
  const resource = runUri(run.id);
  const second = json.length <= OUTPUT_LIMITS.text ? json : outputText(json, resource);
  const cut = cutOutput(json, { most: OUTPUT_LIMITS.whole, resource });
  const shown = cut === null ? toToolResult(definition, run.output ?? null) : null;
  return result([first, second], shown ?? { run_id: runId, status: run.status, output_cut: cut });
}

function handleResult(run: Run, now: number, waits?: WaitReasons): JsonObject {
  const runId = renderRunId(run.id);
  const handle = {
    run_id: runId,
    workflow_id: run.workflowId,
    status: run.status,
    terminal: false,
    version: run.version,
    status_message: statusMessage(run, waits),
    poll_after_ms: computePollAfterMs(run, now),
    next_action: nextAction(run, { runId, now }),
  };
  return result([`${runSentence(run, runId, waits)}\n${handle.next_action}`], handle);
}

const CODES = { failed: 'run_failed', cancelled: 'run_cancelled', partial_complete: 'run_partial' } as const;

function failureResult(run: Run, action: string | null): JsonObject {
  const runId = renderRunId(run.id);
  const code = run.status === 'failed' || run.status === 'cancelled' ? CODES[run.status] : CODES.partial_complete;
  const message = run.status === 'cancelled' ? 'The run was cancelled.' : failureText(run);
  const text = `${runSentence(run, runId)}\n${action ?? 'get_run_status with detail "agents" tells more.'}`;
  const next = action === null ? {} : { next_action: action };
  return { ...result([text], { error: { code, message }, run_id: runId, status: run.status, ...next }), isError: true };
}

function result(texts: readonly string[], structuredContent: Json): JsonObject {
  return { content: texts.map((text) => ({ type: 'text', text })), structuredContent };
}
