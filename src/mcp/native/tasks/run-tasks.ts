import type { WorkflowDefinition } from '../../../core/workflow/definition.js';
import { ErrandError, isErrandError } from '../../../core/errors.js';
import { isUuid } from '../../../core/text/uuid.js';
import { isTerminal, type Run, type RunListItem } from '../../../core/run/run.js';
import type { CallContext } from '../../contract/call-context.js';
import { nullIfNotFound } from '../../tool-kit/not-found.js';
import { readElicited, canAsk, openQuestions } from '../views/questions.js';
import { cursorKey, toCursor } from '../../contract/paging.js';
import type { Task, TaskSource } from '../../contract/task.js';
import { parseTaskId, toListedTask, toTask, type TaskForm } from './run-task.js';

const PAGE_SIZE = 50;
/** The longest wait that one timer can hold. */
const MAX_WAIT_MS = 2 ** 31 - 1;

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
          const run = await services.waitForRun(caller, { runId, timeoutMs: MAX_WAIT_MS, signal });
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
    const tasks = await Promise.all(page.map((run) => listedTask(run, context)));
    return {
      items: tasks.filter((task) => task !== null),
      nextCursor: runs.length > PAGE_SIZE && last !== undefined ? toCursor(last.id) : null,
    };
  },

  cancel: (taskId, context) => withTask(taskId, ({ runId }) => cancelUnended(runId, context), context),

  async update(taskId, inputResponses, context) {
    const { services, caller } = context;
    const answer = async (runId: string): Promise<Run> => {
      let run = await services.getRun(caller, { runId });
      for (const { key, nodeId, question } of openQuestions(run)) {
        const given = readElicited(question, inputResponses[key]);
        if (given === null) continue;
        const answered = services.answerRun(caller, { runId, nodeId, answer: given.answer });
        run = await answered.catch((thrown: unknown) => keepIfAnswered(thrown, run));
      }
      return run;
    };
    await withTask(taskId, ({ runId }) => answer(runId), context);
  },
};

/** What it takes to list a run that has ended is in the list already: its output, which may be large, is not read. */
async function listedTask(item: RunListItem, context: CallContext): Promise<Task | null> {
  if (isTerminal(item.status)) return toListedTask(item);
  const { services, caller } = context;
  const run = await services.getRun(caller, { runId: item.id }).catch(nullIfNotFound);
  if (run === null) return null;
  return isTerminal(run.status) ? toListedTask({ ...item, ...run }) : await loadTask({ run }, context);
}

/** The protocol has it that a task which has ended cannot be cancelled, not even one that was cancelled. */
async function cancelUnended(runId: string, { services, caller }: CallContext): Promise<Run> {
  const { status } = await services.getRun(caller, { runId });
  if (isTerminal(status)) throw new ErrandError('conflict', `The task cannot be cancelled: it is already ${status}.`);
  return await services.cancelRun(caller, { runId, reason: 'its task was cancelled' });
}

/** A question that another call has just answered is none any more, and answers to what was not asked are dropped. */
function keepIfAnswered(thrown: unknown, run: Run): Run {
  if (isErrandError(thrown) && thrown.code === 'conflict') return run;
  throw thrown;
}

/** The run of this task as it now is. */
export async function loadTask(
  { run, form = 'workflow_tool' }: { readonly run: Run; readonly form?: TaskForm },
  context: CallContext,
): Promise<Task> {
  const { services, caller } = context;
  const now = services.clock.now();
  if (isTerminal(run.status)) return toTask({ run, definition: await findDefinition(run, context), now, form });
  const waits = await services.explainWaits(caller, run);
  return toTask({ run, definition: null, now, form, waits, canAsk: canAsk(context.client.capabilities) });
}

async function findDefinition({ workflowId }: Run, context: CallContext): Promise<WorkflowDefinition | null> {
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
  return await loadTask({ run, form: parsed.form }, context);
}

function readCursor(cursor: string): string {
  const id = cursorKey(cursor);
  if (isUuid(id)) return id;
  throw new ErrandError('invalid_input', 'This cursor is not one that this list gave.');
}
