/**
 * The log of one run while this process drives it.
 *
 * 1. Only the driver of a run appends; so sequence numbers have no gaps and need no lock.
 * 2. `run` is always the fold of everything appended, committed or not.
 * 3. Commits of one run never overlap; whatever is appended while one is under way goes with the next.
 * 4. A commit that fails is tried again until it succeeds or the log is abandoned: nothing appended is dropped.
 * 5. After the event that ends the run nothing is appended: work that goes on regardless is no longer heard.
 * 6. Progress, findings and counts of items are staged: many reports between two commits become one event each.
 */
import { applyEvent } from '../../core/run/apply-event.js';
import type { Clock } from '../../core/ports/clock.js';
import { errorMessage } from '../../core/errors.js';
import type { RunEvent, RunEventBody } from '../../core/run/events.js';
import type { Logger } from '../../core/ports/logger.js';
import type { ItemCounts } from '../../core/run/node-execution.js';
import { isTerminal, type Run } from '../../core/run/run.js';
import type { RunRecorder } from '../ports/recorder.js';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;

/** Thrown out of `commit` when the process gave the run up before the commit was through. */
export class RunAbandoned extends Error {
  override readonly name = 'RunAbandoned';
  constructor() {
    super('This process has given the run up; it will be resumed.');
  }
}

interface Staged {
  percent: number;
  message: string | null;
  reported: boolean;
  findings: string | null;
  items: ItemCounts | null;
  /** By step. */
  texts: Map<string, { offset: number; text: string }> | null;
}

/** More often than this nobody is told of a text that grows. */
const TEXT_WITHIN_MS = 500;

export interface RunLogOptions {
  readonly run: Run;
  readonly recorder: RunRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  /** When the newest event of an earlier driver was: the log's times never fall. */
  readonly lastAt?: number;
}

export class RunLog {
  #run: Run;
  #lastAt: number;
  #pending: RunEvent[] = [];
  #staged = new Map<string, Staged>();
  #inFlight: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  #cancelSoon: (() => void) | null = null;
  /** After how long the commit comes that was asked for in the background. */
  #soonMs = 0;
  #abandoned = false;
  #wakeRetry: (() => void) | null = null;
  readonly #options: RunLogOptions;

  constructor(options: RunLogOptions) {
    this.#options = options;
    this.#run = options.run;
    this.#lastAt = Math.max(options.run.startedAt ?? options.run.createdAt, options.lastAt ?? 0);
  }

  get run(): Run {
    return this.#run;
  }

  append(body: RunEventBody): void {
    if (isTerminal(this.#run.status)) return;
    // What was said before a change of the node comes before it; an item of it that has ended is no such change.
    if ('nodeId' in body && body.kind !== 'step.completed') this.#unstage(body.nodeId);
    // The clock may jump back; the log's times never do.
    this.#lastAt = Math.max(this.#lastAt, this.#options.clock.now());
    // In this order: adding properties to a copy costs Node 20 many times what copying into an object that has them does.
    const event: RunEvent = { seq: this.#run.version + 1, at: this.#lastAt, ...body };
    this.#run = applyEvent(this.#run, event);
    this.#pending.push(event);
  }

  stageProgress(nodeId: string, percent: number, message: string | null): void {
    if (isTerminal(this.#run.status)) return;
    const staged = this.#stagedOf(nodeId);
    staged.percent = Math.max(staged.percent, percent);
    staged.message = message ?? staged.message;
    staged.reported = true;
    this.commitWithin(50);
  }

  stageFindings(nodeId: string, findings: string): void {
    if (isTerminal(this.#run.status)) return;
    this.#stagedOf(nodeId).findings = findings;
    this.commitWithin(50);
  }

  stageItems(nodeId: string, items: ItemCounts): void {
    if (isTerminal(this.#run.status)) return;
    this.#stagedOf(nodeId).items = items;
    this.commitWithin(50);
  }

  /** More of a text that a model writes. */
  stageText(nodeId: string, { step, offset, text }: { step: string; offset: number; text: string }): void {
    if (isTerminal(this.#run.status)) return;
    const staged = this.#stagedOf(nodeId);
    staged.texts ??= new Map();
    const before = staged.texts.get(step);
    if (before !== undefined && before.offset + before.text.length === offset) before.text += text;
    else staged.texts.set(step, { offset, text });
    this.commitWithin(TEXT_WITHIN_MS);
  }

  /** Resolves when everything appended so far is durable. */
  commit(): Promise<void> {
    this.#cancelSoon?.();
    this.#cancelSoon = null;
    if (this.#next !== null) return this.#next;
    if (this.#pending.length === 0 && this.#staged.size === 0) return this.#inFlight ?? Promise.resolve();
    if (this.#inFlight === null) {
      this.#inFlight = this.#flush();
      return this.#inFlight;
    }
    this.#next = this.#inFlight.then(() => {
      this.#next = null;
      this.#inFlight = this.#flush();
      return this.#inFlight;
    });
    return this.#next;
  }

  /** Commits in the background, at the latest after this time. */
  commitWithin(delayMs: number): void {
    if (this.#next !== null || this.#abandoned) return;
    if (this.#cancelSoon !== null) {
      if (this.#soonMs <= delayMs) return;
      this.#cancelSoon();
    }
    this.#soonMs = delayMs;
    this.#cancelSoon = this.#options.clock.schedule(delayMs, () => {
      this.#cancelSoon = null;
      this.commitInBackground();
    });
  }

  /** Starts a commit that nobody waits for: whoever depends on it awaits a later one, which fails in the same way. */
  commitInBackground(): void {
    this.commit().catch(() => undefined);
  }

  /** Gives up: commits that are not through reject with `RunAbandoned`. */
  abandon(): void {
    this.#abandoned = true;
    this.#cancelSoon?.();
    this.#cancelSoon = null;
    this.#wakeRetry?.();
  }

  async #flush(): Promise<void> {
    for (const nodeId of this.#staged.keys()) this.#unstage(nodeId);
    const events = this.#pending;
    const run = this.#run;
    this.#pending = [];
    try {
      for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, LAST_RETRY_MS)) {
        if (this.#abandoned) throw new RunAbandoned();
        try {
          return await this.#options.recorder.record({ run, events });
        } catch (error) {
          await this.#pauseAfter(error, delayMs);
        }
      }
    } finally {
      this.#inFlight = null;
    }
  }

  async #pauseAfter(error: unknown, delayMs: number): Promise<void> {
    if (this.#abandoned) throw new RunAbandoned();
    this.#options.logger.error(
      { runId: this.#run.id, error: errorMessage(error), retryInMs: delayMs },
      'A run could not be recorded; trying again',
    );
    await this.#pause(delayMs);
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.schedule(delayMs, resolve);
      this.#wakeRetry = () => {
        cancel();
        resolve();
      };
    });
  }

  #stagedOf(nodeId: string): Staged {
    let staged = this.#staged.get(nodeId);
    if (staged === undefined) {
      staged = { percent: 0, message: null, reported: false, findings: null, items: null, texts: null };
      this.#staged.set(nodeId, staged);
    }
    return staged;
  }

  /** Turns what is staged for a node into events. */
  #unstage(nodeId: string): void {
    const staged = this.#staged.get(nodeId);
    if (staged === undefined) return;
    this.#staged.delete(nodeId);
    if (staged.reported) {
      this.append({ kind: 'node.progress', nodeId, percent: staged.percent, message: staged.message });
    }
    if (staged.items !== null) this.append({ kind: 'node.items', nodeId, ...staged.items });
    if (staged.findings !== null) this.append({ kind: 'node.findings', nodeId, findings: staged.findings });
    for (const [step, { offset, text }] of staged.texts ?? []) {
      this.append({ kind: 'node.text', nodeId, step, offset, text });
    }
  }
}
