import type { AttemptBounds } from '../../../core/handlers/handler-workers.js';
import type { HandlerContext } from '../../../core/handlers/node-kind.js';
import type { Json } from '../../../core/json.js';
import type { FromWorker } from '../wire/messages.js';
import type { Callee } from './callee.js';
import type { Pace } from './paces.js';

/** What is done in a worker. `call` runs a handler, `inspect` looks at what a module exports. */
export type Job =
  | {
      readonly kind: 'call';
      readonly callee: Callee;
      readonly context: HandlerContext;
      readonly bounds: AttemptBounds;
    }
  | { readonly kind: 'inspect'; readonly file: string };

export type Ended =
  | { readonly kind: 'done'; readonly value: Json | Promise<Json> }
  | Extract<FromWorker, { kind: 'failed' | 'inspected' | 'faulty' }>;

/**
 * Which workers do what. `clean`: nodes of which a call has ended well lately. `fresh`: those of which none has.
 * `suspect`: what was at work when the server died, or when its worker did. `rough`: nodes that have ended a worker lately.
 * `alone`: what was cut off again and again, so that it is seen whether it is to blame. `inspect`: modules whose top
 * level has not been run before.
 */
export type Lane = 'clean' | 'fresh' | 'suspect' | 'rough' | 'alone' | 'inspect';

/** Whether what is in this lane has done harm, or is likely to have. */
export function isHarmful(lane: Lane): boolean {
  return lane === 'rough' || lane === 'alone';
}

/** A job until it has an outcome: it may go through several workers. */
export class Task {
  readonly job: Job;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** How often it was ended, or may have been, by something that it did: its worker, or the whole server. */
  crashes: number;
  /** How often it was cut off by what others did. */
  cuts = 0;
  /** How often a worker got to it too late: each time it has twice as long to. */
  late = 0;
  /** Why it was given up; it may go on regardless. */
  aborted: Error | null = null;
  /** No longer hears that it is given up; null where nobody tells. */
  unlisten: (() => void) | null = null;
  /** Null until it is given up. */
  overdue: Overdue | null = null;
  /** Of its node; null until it has been with a worker. */
  pace: Pace | null = null;
  #source: string | null = null;

  constructor(job: Job, resolve: (value: unknown) => void, reject: (error: unknown) => void) {
    this.job = job;
    this.resolve = resolve;
    this.reject = reject;
    this.crashes = job.kind === 'call' ? job.bounds.cutOffs : 0;
  }

  get organizationId(): string {
    return this.job.kind === 'call' ? this.job.context.organization.id : '';
  }

  /** What does harm again where it has done harm once: a node of a workflow, as an organization uses it. */
  get source(): string {
    const { job } = this;
    return (this.#source ??= job.kind === 'inspect' ? job.file : job.callee.sourceOf(job.context));
  }

  /** Whose turn it is when it waits. */
  get group(): string {
    return this.job.kind === 'inspect' ? `\n${this.job.file}` : this.job.callee.groupOf(this.organizationId);
  }

  succeed(value: unknown): void {
    this.#cleanUp();
    this.resolve(value);
  }

  fail(error: unknown): void {
    this.#cleanUp();
    this.reject(error);
  }

  #cleanUp(): void {
    this.unlisten?.();
    this.overdue?.disarm();
  }
}

/** Rings so long after it was armed. */
export class Overdue {
  readonly #ring: () => void;
  readonly #afterMs: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(ring: () => void, afterMs: number) {
    this.#ring = ring;
    this.#afterMs = afterMs;
  }

  arm(): void {
    this.disarm();
    this.#timer = setTimeout(this.#ring, this.#afterMs);
  }

  disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
