import type { JsonObject } from '../../core/json.js';
import type { CallContext } from './call-context.js';
import type { RpcError } from '../message/json-rpc.js';
import type { Page, PageRequest } from './paging.js';

/** A long call as its client sees it; each era has a wire form of its own. A task that has ended never changes. */
export interface Task {
  /** Not to be guessed. */
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly statusMessage: string | null;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  /** How long the task is kept from its creation, whole milliseconds; null: without limit. */
  readonly ttlMs: number | null;
  /** Whole milliseconds above 0; may change from one look to the next. */
  readonly pollIntervalMs: number;
  /** Only of a completed task: the whole `tools/call` result, with `isError` when the work failed. */
  readonly result?: JsonObject;
  /** Only of a failed task: why the call itself could not be carried out. */
  readonly error?: RpcError;
  /** Only of a task that needs input. A key is never used again for another request. */
  readonly inputRequests?: JsonObject;
}

export type TaskStatus = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

export function isTaskEnded(status: TaskStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** A contract's tasks. What belongs to another organization is `not_found`, as if it were not there. */
export interface TaskSource {
  /** Throws `not_found`. */
  get(taskId: string, context: CallContext): Promise<Task>;
  /**
   * Resolves once the task has ended, or, with the task as it then is, when the context's signal aborts. Throws
   * `not_found`.
   */
  wait(taskId: string, context: CallContext): Promise<Task>;
  /** Newest first. Throws `invalid_input` for a cursor that is none of its own. */
  list(page: PageRequest, context: CallContext): Promise<Page<Task>>;
  /** Resolves with the cancelled task. Throws `not_found`, and `conflict` when the task has ended. */
  cancel(taskId: string, context: CallContext): Promise<Task>;
  /** Takes the client's answers to input requests; answers to what was not asked are dropped. Throws `not_found`. */
  update(taskId: string, inputResponses: JsonObject, context: CallContext): Promise<void>;
}
