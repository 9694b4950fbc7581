import { ErrandError } from '../../../core/errors.js';
import type { JsonObject } from '../../../core/json.js';
import { pageFields, readCursor } from '../../methods/cursor.js';
import { readTaskId, TASK_METHOD, requireTasks } from '../../methods/task-access.js';
import { MessageQueue } from '../../message/message-queue.js';
import { notificationText, rpcError } from '../../message/json-rpc.js';
import { isTaskEnded, type Task } from '../../contract/task.js';
import { callContext, failure, result, type FinalOutcome, type Method, type MethodContext } from '../base/method.js';
import { streamed } from '../base/streamed.js';

/**
 * The form that tasks have in 2025-11-25. What needs input looks like work that goes on: this form has no way to give
 * any.
 */
export function handshakeTask(task: Task): JsonObject {
  return {
    taskId: task.taskId,
    status: task.status === 'input_required' ? 'working' : task.status,
    ...(task.statusMessage === null ? {} : { statusMessage: task.statusMessage }),
    createdAt: task.createdAt,
    lastUpdatedAt: task.lastUpdatedAt,
    ttl: task.ttlMs,
    pollInterval: task.pollIntervalMs,
  };
}

export const getTask: Method = {
  ...TASK_METHOD,
  answer: async (params, context) => {
    const caller = await context.authenticate();
    return result(handshakeTask(await requireTasks(context).get(readTaskId(params), callContext(context, caller))));
  },
};

export const listTasks: Method = {
  ...TASK_METHOD,
  answer: async (params, context) => {
    const cursor = readCursor(params);
    const page = await requireTasks(context).list({ cursor }, callContext(context, await context.authenticate()));
    const fields = pageFields('tasks', { ...page, items: page.items.map(handshakeTask) });
    return { kind: 'result', json: JSON.stringify(fields) };
  },
};

export const cancelTask: Method = {
  ...TASK_METHOD,
  answer: async (params, context) => {
    const caller = await context.authenticate();
    return result(handshakeTask(await requireTasks(context).cancel(readTaskId(params), callContext(context, caller))));
  },
};

/** Answers when the task has ended, and tells of its progress on the way to a client that takes streams. */
export const getTaskResult: Method = {
  ...TASK_METHOD,
  answer: async (params, context) => {
    const taskId = readTaskId(params);
    const call = callContext(context, await context.authenticate());
    const task = await requireTasks(context).get(taskId, call);
    if (isTaskEnded(task.status)) return toTaskResult(task);
    const work = async (): Promise<FinalOutcome> => toTaskResult(await waitForEnd(taskId, context, call));
    if (!context.streams) return await work();
    const queue = new MessageQueue();
    const stop = await tellStatus(taskId, queue, context, call);
    return await streamed(work().finally(stop), queue, context);
  },
};

type Call = ReturnType<typeof callContext>;

async function tellStatus(
  taskId: string,
  queue: MessageQueue,
  { server: { contract } }: MethodContext,
  call: Call,
): Promise<() => void> {
  if (contract.changes?.offers.tasks !== true) return () => undefined;
  const filter = {
    toolsListChanged: false,
    promptsListChanged: false,
    resourcesListChanged: false,
    resourceSubscriptions: [],
    taskIds: [taskId],
  };
  const { unsubscribe } = await contract.changes.subscribe(filter, call, (change) => {
    if (change.kind !== 'task') return;
    queue.push(notificationText('notifications/tasks/status', handshakeTask(change.task)), 'status');
  });
  return unsubscribe;
}

async function waitForEnd(taskId: string, context: MethodContext, call: Call): Promise<Task> {
  const task = await requireTasks(context).wait(taskId, call);
  if (isTaskEnded(task.status)) return task;
  throw new ErrandError('unavailable', 'The server stops. The task goes on: ask for its result again.');
}

function toTaskResult(task: Task): FinalOutcome {
  const meta = { 'io.modelcontextprotocol/related-task': { taskId: task.taskId } };
  switch (task.status) {
    case 'completed': {
      const { _meta: own, resultType: _, ...content } = task.result ?? {};
      return { kind: 'result', json: JSON.stringify(content), meta: { ...(own as JsonObject | undefined), ...meta } };
    }
    case 'failed':
      return failure(task.error ?? rpcError('internalError', task.statusMessage ?? 'The task failed.'));
    default:
      return failure(rpcError('invalidParams', 'The task was cancelled and has no result.'));
  }
}
