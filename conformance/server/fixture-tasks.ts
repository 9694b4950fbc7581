import { randomUUID } from 'node:crypto';
import { ErrandError } from '../../src/core/errors.js';
import type { JsonObject } from '../../src/core/json.js';
import type { CallContext } from '../../src/mcp/contract/call-context.js';
import { slicePage, type Page, type PageRequest } from '../../src/mcp/contract/paging.js';
import { isTaskEnded, type Task, type TaskSource } from '../../src/mcp/contract/task.js';
import type { FixtureChanges } from './fixture-changes.js';

/** What a task's work can do besides coming to an end. */
export interface TaskWork {
  readonly cancelled: AbortSignal;
  /** Resolves once all of these have been answered. */
  readonly ask: (inputRequests: JsonObject) => Promise<JsonObject>;
}

/** Thrown by work that could not be carried out at all, as opposed to work that failed. */
export class TaskFault extends Error {}

interface Kept {
  task: Task;
  readonly cancel: AbortController;
  open: {
    readonly requests: JsonObject;
    readonly answers: Record<string, JsonObject[string]>;
    readonly done: () => void;
  } | null;
}

/** Tasks in memory. Errand's own are views of its runs. */
export class FixtureTasks implements TaskSource {
  readonly #kept = new Map<string, Kept>();
  readonly #wakers = new Set<() => void>();
  readonly #changes: FixtureChanges;

  constructor(changes: FixtureChanges) {
    this.#changes = changes;
  }

  start(work: (work: TaskWork) => Promise<JsonObject>): Task {
    const now = new Date().toISOString();
    const taskId = randomUUID();
    const task: Task = {
      taskId,
      status: 'working',
      statusMessage: null,
      createdAt: now,
      lastUpdatedAt: now,
      ttlMs: 600_000,
      pollIntervalMs: 100,
    };
    const kept: Kept = { task, cancel: new AbortController(), open: null };
    this.#kept.set(taskId, kept);
    const asked = { cancelled: kept.cancel.signal, ask: (requests: JsonObject) => this.#ask(kept, requests) };
    // The task is answered as it is made, before its work has begun.
    setImmediate(() => void this.#run(kept, work(asked)));
    return task;
  }

  async get(taskId: string): Promise<Task> {
    return this.#find(taskId).task;
  }

  async wait(taskId: string, { signal }: CallContext): Promise<Task> {
    for (;;) {
      const { task } = this.#find(taskId);
      if (isTaskEnded(task.status) || signal.aborted) return task;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#wakers.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#wakers.add(wake);
        signal.addEventListener('abort', wake);
      });
    }
  }

  async list({ cursor }: PageRequest): Promise<Page<Task>> {
    const tasks = [...this.#kept.values()].map(({ task }) => task);
    return slicePage(
      tasks.toSorted((a, b) => (a.taskId < b.taskId ? -1 : 1)),
      { cursor, keyOf: ({ taskId }) => taskId },
    );
  }

  async cancel(taskId: string): Promise<Task> {
    const kept = this.#find(taskId);
    if (isTaskEnded(kept.task.status)) throw new ErrandError('conflict', 'The task has ended.');
    this.#change(kept, { status: 'cancelled', statusMessage: 'The task was cancelled.' });
    kept.cancel.abort();
    return kept.task;
  }

  async update(taskId: string, inputResponses: JsonObject): Promise<void> {
    const kept = this.#find(taskId);
    const { open } = kept;
    if (open === null) return;
    for (const [key, answer] of Object.entries(inputResponses)) {
      if (Object.hasOwn(open.requests, key)) open.answers[key] = answer;
    }
    const left = Object.entries(open.requests).filter(([key]) => !Object.hasOwn(open.answers, key));
    if (left.length > 0) {
      this.#change(kept, { status: 'input_required', inputRequests: Object.fromEntries(left) });
      return;
    }
    kept.open = null;
    this.#change(kept, { status: 'working' });
    open.done();
  }

  async #ask(kept: Kept, requests: JsonObject): Promise<JsonObject> {
    const answers: Record<string, JsonObject[string]> = {};
    await new Promise<void>((done) => {
      kept.open = { requests, answers, done };
      this.#change(kept, { status: 'input_required', inputRequests: requests });
    });
    return answers;
  }

  async #run(kept: Kept, work: Promise<JsonObject>): Promise<void> {
    try {
      this.#change(kept, { status: 'completed', result: await work });
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : 'unknown error';
      this.#change(kept, { status: 'failed', statusMessage: message, error: { code: -32603, message } });
    }
  }

  #change(kept: Kept, change: Pick<Task, 'status'> & Partial<Task>): void {
    if (isTaskEnded(kept.task.status)) return;
    const { inputRequests: _, ...task } = kept.task;
    kept.task = { ...task, ...change, lastUpdatedAt: new Date().toISOString() };
    this.#changes.tell({ kind: 'task', task: kept.task });
    for (const wake of this.#wakers) wake();
  }

  #find(taskId: string): Kept {
    const kept = this.#kept.get(taskId);
    if (kept === undefined) throw new ErrandError('not_found', 'Failed to retrieve task: Task not found');
    return kept;
  }
}
