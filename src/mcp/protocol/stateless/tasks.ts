import { isErrandError, ErrandError } from '../../../core/errors.js';
import { isJsonObject, type JsonObject } from '../../../core/json.js';
import { readTaskId, TASK_METHOD, requireTasks } from '../../methods/task-access.js';
import type { Task, TaskSource } from '../../contract/task.js';
import { callContext, result, type Method, type MethodContext, type Outcome } from '../base/method.js';
import { TASKS_CAPABILITY, undeclared } from './capabilities.js';

/** What a task looks like when it is made: without what it has come to. */
export function newStatelessTask(task: Task): JsonObject {
  return {
    taskId: task.taskId,
    status: task.status,
    ...(task.statusMessage === null ? {} : { statusMessage: task.statusMessage }),
    createdAt: task.createdAt,
    lastUpdatedAt: task.lastUpdatedAt,
    ttlMs: task.ttlMs,
    pollIntervalMs: task.pollIntervalMs,
  };
}

/**
 * A task with what it has come to. The call's own result is a whole one, as a call without tasks would have given it.
 */
export function statelessTask(task: Task): JsonObject {
  return {
    ...newStatelessTask(task),
    ...(task.result === undefined ? {} : { result: { resultType: 'complete', ...task.result } }),
    ...(task.error === undefined ? {} : { error: { ...task.error } }),
    ...(task.inputRequests === undefined ? {} : { inputRequests: task.inputRequests }),
  };
}

const ACKNOWLEDGED: Outcome = { kind: 'result', json: '{}' };

type Act = (source: TaskSource, params: JsonObject, call: ReturnType<typeof callContext>) => Promise<Outcome>;

/** Only for clients that declare the extension with the request, whatever task it is about. */
function taskMethod(act: Act): Method {
  return {
    ...TASK_METHOD,
    answer: async (params, context: MethodContext) => {
      const missing = undeclared(TASKS_CAPABILITY, context.client);
      if (missing !== null) return missing;
      return await act(requireTasks(context), params, callContext(context, await context.authenticate()));
    },
  };
}

export const getTask = taskMethod(async (source, params, call) =>
  result(statelessTask(await source.get(readTaskId(params), call))),
);

export const updateTask = taskMethod(async (source, params, call) => {
  const { inputResponses } = params;
  if (!isJsonObject(inputResponses)) throw new ErrandError('invalid_input', '"inputResponses" must be an object.');
  await source.update(readTaskId(params), inputResponses, call);
  return ACKNOWLEDGED;
});

/** To cancel a task that has ended changes nothing and is no error. */
export const cancelTask = taskMethod(async (source, params, call) => {
  await source.cancel(readTaskId(params), call).catch((thrown: unknown) => {
    if (!isErrandError(thrown) || thrown.code !== 'conflict') throw thrown;
  });
  return ACKNOWLEDGED;
});
