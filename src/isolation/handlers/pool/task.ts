import type { AttemptBounds } from '../../../core/handlers/handler-workers.js';
import type { HandlerContext } from '../../../core/handlers/node-kind.js';
import type { Json } from '../../../core/json.js';
import type { FromWorker } from '../wire/messages.js';

/** What is done in a worker. `call` runs a handler, `inspect` looks at what a module exports. */
export type Job =
  | {
      readonly kind: 'call';
      readonly file: string;
      readonly export: string;
      readonly nodeId: string | null;
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
  /** Why it was given up; it may go on regardless. */
  aborted: Error | null = null;
  /** Called when it has an outcome. */
  cleanUp: () => void = () => undefined;
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
    return (this.#source ??= this.#findSource());
  }

  #findSource(): string {
    if (this.job.kind === 'inspect') return this.job.file;
    const { run, node } = this.job.context;
    const item = node.id.indexOf('/');
    const nodeId = item === -1 ? node.id : node.id.slice(0, item);
    return `${this.group}\n${run.workflowId}\n${nodeId}\n${this.job.export}`;
  }

  /** Whose turn it is when it waits. */
  get group(): string {
    return `${this.organizationId}\n${this.job.file}`;
  }

  succeed(value: unknown): void {
    this.cleanUp();
    this.resolve(value);
  }

  fail(error: unknown): void {
    this.cleanUp();
    this.reject(error);
  }
}
