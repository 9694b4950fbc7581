import type { WorkflowDefinition } from '../../../core/workflow/definition.js';
import type { WaitReasons } from '../../../core/ports/engine.js';
import type { JsonObject } from '../../../core/json.js';
import { isTerminal, type Run, type RunListItem, type RunStatus } from '../../../core/run/run.js';
import { computePollAfterMs } from '../views/poll-advice.js';
import { toInputRequests, openQuestions } from '../views/questions.js';
import { runResult } from '../views/run-result.js';
import { endMessage, statusMessage } from '../views/run-words.js';
import { runWorkflowResult } from '../views/run-workflow-result.js';
import type { Task, TaskStatus } from '../../contract/task.js';
import { parseRunId, renderRunId } from '../../../core/render/run-id.js';
import { tellMoment } from '../../../core/time/moment.js';

/**
 * A run as a task. Nothing is kept of tasks: the id says which run it is and which tool answered with it, and so what
 * its result looks like. `run_<uuid>` is the workflow's tool; `run_<uuid>.run_workflow` is run_workflow.
 */
export type TaskForm = 'workflow_tool' | 'run_workflow';

const SUFFIX = '.run_workflow';
/** There is nothing to poll for any more, but the protocol wants a number above 0. */
const ENDED_POLL_MS = 1_000;

export interface TaskView {
  readonly run: Run;
  /** The workflow's newest; null when it is there no more. */
  readonly definition: WorkflowDefinition | null;
  readonly now: number;
  readonly form?: TaskForm;
  /** What keeps it from going ahead. */
  readonly waits?: WaitReasons;
  /**
   * Whether the client that looks can put the run's questions to a person; to any other it is at work while it waits
   * for an answer.
   */
  readonly canAsk?: boolean;
}

export function toTask(view: TaskView): Task {
  const { run, now, form = 'workflow_tool', waits, canAsk = false } = view;
  const questions = canAsk ? openQuestions(run) : [];
  const status = questions.length > 0 ? 'input_required' : STATUSES[run.status];
  return {
    taskId: renderTaskId(run.id, form),
    status,
    statusMessage: statusMessage(run, waits),
    createdAt: tellMoment(run.createdAt),
    lastUpdatedAt: tellMoment(findLastChange(run)),
    // Runs are kept, and their tasks with them.
    ttlMs: null,
    pollIntervalMs: isTerminal(run.status) ? ENDED_POLL_MS : computePollAfterMs(run, now),
    ...(status === 'completed' ? { result: renderResult(view) } : {}),
    ...(status === 'input_required' ? { inputRequests: toInputRequests(questions) } : {}),
  };
}

/** A run that has ended, from what a list of runs has of it: a task without its result. */
export function toListedTask(run: RunListItem): Task {
  return {
    taskId: renderTaskId(run.id),
    status: STATUSES[run.status],
    statusMessage: endMessage(run),
    createdAt: tellMoment(run.createdAt),
    lastUpdatedAt: tellMoment(run.completedAt ?? run.createdAt),
    ttlMs: null,
    pollIntervalMs: ENDED_POLL_MS,
  };
}

/**
 * A run that failed is work that was carried out: its result says so, and clients throw results of failed tasks away.
 */
const STATUSES: { readonly [status in RunStatus]: TaskStatus } = {
  pending: 'working',
  running: 'working',
  completed: 'completed',
  partial_complete: 'completed',
  failed: 'completed',
  cancelled: 'cancelled',
};

function renderResult({ run, definition, now, form }: TaskView): JsonObject {
  return form === 'run_workflow' ? runWorkflowResult({ run, definition, now }) : runResult({ run, definition, now });
}

function findLastChange(run: Run): number {
  const moments = [run.createdAt, run.startedAt, run.completedAt];
  for (const node of run.nodes) moments.push(node.startedAt, node.completedAt);
  return Math.max(...moments.map((at) => at ?? 0));
}

export function renderTaskId(runId: string, form: TaskForm = 'workflow_tool'): string {
  return renderRunId(runId) + (form === 'run_workflow' ? SUFFIX : '');
}

/** Null when this is no task's id. */
export function parseTaskId(taskId: string): { readonly runId: string; readonly form: TaskForm } | null {
  const form: TaskForm = taskId.endsWith(SUFFIX) ? 'run_workflow' : 'workflow_tool';
  const runId = parseRunId(form === 'run_workflow' ? taskId.slice(0, -SUFFIX.length) : taskId);
  return runId === null ? null : { runId, form };
}
