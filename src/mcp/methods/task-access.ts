import { ErrandError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import type { Method, MethodContext } from '../protocol/base/method.js';
import type { TaskSource } from '../contract/task.js';

/** What all methods about tasks have in common. */
export const TASK_METHOD = {
  offered: ({ tasks }) => tasks !== undefined,
  needsKey: () => true,
  limited: true,
} satisfies Omit<Method, 'answer'>;

export function requireTasks({ server }: MethodContext): TaskSource {
  const { tasks } = server.contract;
  if (tasks === undefined) throw new Error(`the contract ${server.contract.name} has no tasks`);
  return tasks;
}

export function readTaskId({ taskId }: JsonObject): string {
  if (typeof taskId === 'string') return taskId;
  throw new ErrandError('invalid_input', '"taskId" must be a string.');
}
