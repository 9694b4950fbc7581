import type { WorkflowDefinition } from '../../core/definition.js';
import { ErrandError } from '../../core/errors.js';
import { isUuid } from '../../core/ids.js';
import { isTerminal, type Run } from '../../core/run.js';
import type { CallContext } from '../call-context.js';
import { nullIfNotFound } from '../contracts/not-found.js';
import { cursorKey, toCursor } from '../paging.js';
import type { Task, TaskSource } from '../task.js';
import { parseTaskId, toTask, type TaskForm } from './run-task.js';

const PAGE_SIZE = 50;
/** The longest wait that one timer can hold. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Runs as tasks: nothing is kept of them but the runs, so they outlive whatever the runs outlive. */
export const runTasks: TaskSource = {
  get: (taskId, context) =>
    withTask(taskId, ({ runId }) => context.services.getRun(context.caller, { runId }), context),

  wait: (taskId, context) =>
    withTask(
      taskId,
      async ({ runId }) => {
        const { services, caller, signal } = context;
        for (;;) {
          const run = await services.waitForRun(caller, { runId, timeoutMs: LONGEST_WAIT_MS, signal });
          if (isTerminal(run.status) || signal.aborted) return run;
        }
      },
      context,
    ),

  async list({ cursor }, context) {
    const beforeId = cursor === null ? null : readCursor(cursor);
    const { services, caller } = context;
    const { runs } = await services.listRuns(caller, {
      limit: PAGE_SIZE + 1,
      offset: 0,
      ...(beforeId === null ? {} : { beforeId }),
    });
    const page = runs.slice(0, PAGE_SIZE);
    const last = page.at(-1);
    const found = await Promise.all(page.map(({ id }) => services.getRun(caller, { runId: id }).catch(nullIfNotFound)));
    const whole = found.filter((run) => run !== null);
    return {
      items: await Promise.all(whole.map((run) => taskOf({ run }, context))),
      nextCursor: runs.length > PAGE_SIZE && last !== undefined ? toCursor(last.id) : null,
    };
  },

  cancel: (taskId, context) =>
    withTask(
      taskId,
      ({ runId }) => context.services.cancelRun(context.caller, { runId, reason: 'its task was cancelled' }),
      context,
    ),

  /** No run asks for input. */
  async update(taskId, _, context) {
    await runTasks.get(taskId, context);
  },
};

/** The run of this task as it now is. */
export async function taskOf(
  { run, form = 'workflow_tool' }: { readonly run: Run; readonly form?: TaskForm },
  context: CallContext,
): Promise<Task> {
  const { services, caller } = context;
  const now = services.clock.now();
  if (isTerminal(run.status)) return toTask({ run, definition: await definitionOf(run, context), now, form });
  return toTask({ run, definition: null, now, form, waits: services.explainWaits(caller, run) });
}

async function definitionOf({ workflowId }: Run, context: CallContext): Promise<WorkflowDefinition | null> {
  const { services, caller } = context;
  const workflow = await services.getWorkflow(caller, { workflowId }).catch(nullIfNotFound);
  return workflow?.version.definition ?? null;
}

async function withTask(
  taskId: string,
  findRun: (task: { readonly runId: string }) => Promise<Run>,
  context: CallContext,
): Promise<Task> {
  const parsed = parseTaskId(taskId);
  const run = parsed === null ? null : await findRun(parsed).catch(nullIfNotFound);
  if (parsed === null || run === null) throw new ErrandError('not_found', 'Task not found');
  return await taskOf({ run, form: parsed.form }, context);
}

function readCursor(cursor: string): string {
  const id = cursorKey(cursor);
  if (isUuid(id)) return id;
  throw new ErrandError('invalid_input', 'This cursor is not one that this list gave.');
}
