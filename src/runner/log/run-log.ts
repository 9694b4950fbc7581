/**
 * The log of one run while this process drives it.
 *
 * 1. Only the driver of a run appends; so sequence numbers have no gaps and need no lock.
 * 2. `run` is always the fold of everything appended, committed or not.
 * 3. Commits of one run never overlap; whatever is appended while one is under way goes with the next.
 * 4. While the store is unavailable, a commit is tried again until it succeeds or the log is abandoned: nothing
 *    appended is dropped. A commit that is refused for another reason would be refused for ever: all that is not
 *    committed is dropped, and the driver ends the run.
 * 5. After the event that ends the run nothing is appended: work that goes on regardless is no longer heard.
 * 6. Progress, findings and counts of items are staged: many reports between two commits become one event each.
 */
import { applyEvent } from '../../core/run/apply-event.js';
import type { Clock } from '../../core/ports/clock.js';
import { errorMessage, isErrandError } from '../../core/errors.js';
import type { RunEvent, RunEventBody } from '../../core/run/events.js';
import type { Logger } from '../../core/ports/logger.js';
import type { ItemCounts } from '../../core/run/node-execution.js';
import { isTerminal, type Run } from '../../core/run/run.js';
import type { AuditFact } from '../../core/tenant/audit.js';
import type { RunRecorder } from '../ports/recorder.js';
import { splitCommit } from './split-commit.js';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;

/** Thrown out of `commit` when the process gave the run up before the commit was through. */
export class RunAbandoned extends Error {
  override readonly name = 'RunAbandoned';
  constructor() {
    super('This process has given the run up; it will be resumed.');
  }
}

/** Thrown out of `commit` when the store will never take what was to be committed. */
export class CommitRefused extends Error {
  override readonly name = 'CommitRefused';
  constructor(cause: unknown) {
    super(errorMessage(cause), { cause });
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
  /** What this driver's commits are known by. */
  readonly epoch: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** When the newest event of an earlier driver was: the log's times never fall. */
  readonly lastAt?: number;
  /** Called when a commit was refused. */
  readonly onRefused?: () => void;
  /** Called when the run is another driver's: the log is then abandoned. */
  readonly onSuperseded?: () => void;
  /** Called with each event as it is appended. */
  readonly onAppend?: ((event: RunEvent) => void) | undefined;
  /** See `RunRecorder`. */
  readonly searchable?: readonly string[];
  /** Takes out of events what must not be kept; nothing when not given. */
  readonly scrub?: ((body: RunEventBody) => RunEventBody) | undefined;
}

export class RunLog {
  #run: Run;
  /** `#run` as far as it is committed. */
  #committed: Run;
  #lastAt: number;
  #pending: RunEvent[] = [];
  #staged = new Map<string, Staged>();
  /** What goes into the trail with events that are not committed, by their numbers. */
  #audit: Map<number, AuditFact> | null = null;
  #inFlight: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  #cancelSoon: (() => void) | null = null;
  /** After how long the commit comes that was asked for in the background. */
  #soonMs = 0;
  #abandoned = false;
  /** Set while a commit waits to be tried again. */
  #wakeRetry: (() => void) | null = null;
  #refusal: CommitRefused | null = null;
  readonly #options: RunLogOptions;

  constructor(options: RunLogOptions) {
    this.#options = options;
    this.#run = options.run;
    this.#committed = options.run;
    this.#lastAt = Math.max(options.run.startedAt ?? options.run.createdAt, options.lastAt ?? 0);
  }

  get run(): Run {
    return this.#run;
  }

  /** Whether the store could not be written when a commit was last tried. */
  get isRetrying(): boolean {
    return this.#wakeRetry !== null;
  }

  /** Why the store refused what was to be committed, once. Until it is taken, nothing is appended. */
  takeRefusal(): CommitRefused | null {
    const refusal = this.#refusal;
    this.#refusal = null;
    return refusal;
  }

  /** `audit` goes into the trail in the event's commit. */
  append(given: RunEventBody, audit?: AuditFact): void {
    if (this.#isClosed) return;
    const body = this.#options.scrub === undefined ? given : this.#options.scrub(given);
    // What was said before a change of the node comes before it; an item of it that has ended is no such change.
    if (body.kind === 'step.completed') this.#unstageItem(body.key);
    else if ('nodeId' in body) this.#unstage(body.nodeId);
    // The clock may jump back; the log's times never do.
    this.#lastAt = Math.max(this.#lastAt, this.#options.clock.now());
    // In this order: adding properties to a copy costs Node 20 many times what copying into an object that has them
    // does.
    const event: RunEvent = { seq: this.#run.version + 1, at: this.#lastAt, ...body };
    this.#run = applyEvent(this.#run, event);
    this.#pending.push(event);
    if (audit !== undefined) (this.#audit ??= new Map()).set(event.seq, audit);
    this.#options.onAppend?.(event);
  }

  stageProgress(nodeId: string, percent: number, message: string | null): void {
    if (this.#isClosed) return;
    const staged = this.#stagedOf(nodeId);
    staged.percent = Math.max(staged.percent, percent);
    staged.message = message ?? staged.message;
    staged.reported = true;
    this.commitWithin(50);
  }

  stageFindings(nodeId: string, findings: string): void {
    if (this.#isClosed) return;
    this.#stagedOf(nodeId).findings = findings;
    this.commitWithin(50);
  }

  stageItems(nodeId: string, items: ItemCounts): void {
    if (this.#isClosed) return;
    this.#stagedOf(nodeId).items = items;
    this.commitWithin(50);
  }

  /** More of a text that a model writes. */
  stageText(nodeId: string, { step, offset, text }: { step: string; offset: number; text: string }): void {
    if (this.#isClosed) return;
    const staged = this.#stagedOf(nodeId);
    staged.texts ??= new Map();
    const before = staged.texts.get(step);
    if (before !== undefined && before.offset + before.text.length === offset) before.text += text;
    else staged.texts.set(step, { offset, text });
    this.commitWithin(TEXT_WITHIN_MS);
  }

  /** Resolves when everything appended so far is durable. */
  commit(): Promise<void> {
    if (this.#refusal !== null) return Promise.reject(this.#refusal);
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

  get #isClosed(): boolean {
    return this.#refusal !== null || isTerminal(this.#run.status);
  }

  async #flush(): Promise<void> {
    for (const nodeId of this.#staged.keys()) this.#unstage(nodeId);
    const events = this.#pending;
    const run = this.#run;
    this.#pending = [];
    try {
      const parts = splitCommit(events);
      for (const part of parts.slice(0, -1)) await this.#commitPart(part.reduce(applyEvent, this.#committed), part);
      await this.#commitPart(run, parts.at(-1) ?? events);
      this.#inFlight = null;
    } catch (error) {
      // After a refusal another commit may be under way by now.
      if (!(error instanceof CommitRefused)) this.#inFlight = null;
      throw error;
    }
  }

  async #commitPart(run: Run, events: readonly RunEvent[]): Promise<void> {
    const { recorder, epoch, onSuperseded, searchable } = this.#options;
    const audit = this.#auditOf(events);
    for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, LAST_RETRY_MS)) {
      if (this.#abandoned) throw new RunAbandoned();
      try {
        const outcome = await recorder.record({ run, events, epoch, searchable, audit });
        if (outcome === 'superseded') {
          this.abandon();
          onSuperseded?.();
          throw new RunAbandoned();
        }
        this.#committed = run;
        if (audit !== undefined) for (const { seq } of events) this.#audit?.delete(seq);
        return;
      } catch (error) {
        if (this.#abandoned) throw new RunAbandoned();
        if (!isErrandError(error) || error.code !== 'unavailable') throw this.#refuse(error);
        await this.#pauseAfter(error, delayMs);
      }
    }
  }

  #auditOf(events: readonly RunEvent[]): readonly AuditFact[] | undefined {
    const facts = this.#audit;
    if (facts === null || facts.size === 0) return undefined;
    const those = events.flatMap(({ seq }) => facts.get(seq) ?? []);
    return those.length === 0 ? undefined : those;
  }

  #refuse(error: unknown): CommitRefused {
    const { logger, onRefused } = this.#options;
    logger.error({ runId: this.#run.id, error: errorMessage(error) }, 'What came of a run cannot be recorded');
    const refusal = new CommitRefused(error);
    this.#refusal = refusal;
    this.#run = this.#committed;
    this.#pending = [];
    this.#audit = null;
    this.#staged.clear();
    this.#inFlight = null;
    this.#next = null;
    onRefused?.();
    return refusal;
  }

  async #pauseAfter(error: unknown, delayMs: number): Promise<void> {
    this.#options.logger.error(
      { runId: this.#run.id, error: errorMessage(error), retryInMs: delayMs },
      'A run could not be recorded; trying again',
    );
    await this.#pause(delayMs);
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#wakeRetry = null;
        resolve();
      };
      const cancel = this.#options.clock.schedule(delayMs, wake);
      this.#wakeRetry = wake;
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

  /** The same for an item, and for the nodes in it, where this is the key of one: told later, it would go on after its end. */
  #unstageItem(key: string): void {
    if (this.#staged.size === 0 || !key.includes(']')) return;
    const [path = key] = key.split('@');
    for (const nodeId of this.#staged.keys()) if (nodeId.startsWith(path)) this.#unstage(nodeId);
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
