import type { JsonObject } from '../../../core/json.js';
import { renderRunStatus } from './native-render.js';
import type { RunToShow } from './run-result.js';
import { runText } from './run-text.js';
import { renderRunId } from '../../../core/render/run-id.js';

/** What run_workflow answers with. `created` is not known of a task, whose call is over. */
export function renderRunWorkflow({ run, definition, now, waits }: RunToShow, created?: boolean): JsonObject {
  return {
    ...renderRunStatus({ run, now, detail: 'summary', ...(waits === undefined ? {} : { waits }) }),
    ...(created === undefined ? {} : { created }),
    estimated_duration: definition?.estimated_duration ?? null,
  };
}

/** The whole `tools/call` result of a task that run_workflow answered with. */
export function runWorkflowResult(end: RunToShow): JsonObject {
  return {
    content: [{ type: 'text', text: runText(end.run, { runId: renderRunId(end.run.id), now: end.now }) }],
    structuredContent: renderRunWorkflow(end),
    ...(end.run.status === 'failed' ? { isError: true } : {}),
  };
}
