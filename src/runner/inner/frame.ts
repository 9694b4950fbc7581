/**
 * Drives the nodes that a node holds, once, to their end.
 *
 * 1. A node starts only after the commit that holds the outcomes it depends on.
 * 2. A failure that its node does not allow ends the others, and is the failure of what holds them.
 * 3. It knows what the nodes have come to from `session.inner` alone: who takes the run up goes on from the same.
 * 4. While all that has begun waits, and nothing may begin, it rests.
 */
import { errorMessage } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { RunNodesOptions } from '../../core/handlers/node-kind.js';
import { isNodeEnded, type NodeExecution } from '../../core/run/node-execution.js';
import { heldPath } from '../../core/run/paths/node-path.js';
import type { ExpressionScope, NodeScope, PlannedBody, PlannedNode } from '../../workflow/plan/plan.js';
import type { NodeEnd } from '../attempt/execute-node.js';
import { toScope, type DriveContext } from '../attempt/drive-context.js';
import { LazyAbort } from '../timing/lazy-abort.js';
import type { ChildRest, Rest } from '../waits/rest.js';
import { cancelInner, executeInner } from './execute-inner.js';
import { SHAPES, type Shape } from './shapes.js';

export interface FrameParams {
  readonly session: DriveContext;
  readonly body: PlannedBody;
  /** What holds them. */
  readonly path: string;
  /** What expressions see outside. */
  readonly scope: ExpressionScope;
  readonly abort: LazyAbort;
  readonly rest: Rest;
  readonly options: RunNodesOptions;
}

export interface FrameEnd {
  /** What expressions see then. */
  readonly scope: ExpressionScope;
  /** The node whose output it is that they come to, and that; null when it is nobody's. */
  readonly telling: string | null;
  readonly output: Json;
}

export class Frame {
  readonly #params: FrameParams;
  readonly #shape: Shape;
  /** Ends its nodes. */
  readonly #abort: LazyAbort;
  /** The nodes that are being executed, by id. */
  readonly #live = new Map<string, ChildRest>();
  /** What expressions see of nodes, those outside included. */
  readonly #nodes: { [id: string]: NodeScope };
  #unlisten: () => void = () => undefined;
  #wake: () => void = () => undefined;
  #dirty = false;
  /** A node could start if there were room. */
  #isFull = false;

  constructor(params: FrameParams) {
    this.#params = params;
    this.#abort = new LazyAbort(params.abort);
    this.#shape = SHAPES[params.options.shape];
    this.#nodes = { ...params.scope.nodes };
    for (const { id, kind } of params.body.nodes) {
      const execution = params.session.inside.nodes.executionOf(this.#pathOf(id), kind.kind);
      if (isNodeEnded(execution.status)) this.#show(id, execution);
    }
  }

  /** Gives what it has come to. Throws a NodeFailure, or what ends it before. */
  async run(): Promise<FrameEnd> {
    this.#unlisten = this.#abort.onAbort(({ message }) => {
      cancelInner(this.#params.session, this.#livePaths(), message);
      this.#notify();
    });
    try {
      for (;;) {
        this.#dirty = false;
        if (await this.#advance()) return this.#tell();
        if (!this.#dirty) await this.#pause();
      }
    } finally {
      this.#abort.abort(new Error('What holds this node has ended.'));
      this.#unlisten();
      this.#abort.leaveParent();
    }
  }

  #tell(): FrameEnd {
    const telling = this.#shape.findTelling(this.#executions());
    const output = telling === null ? undefined : this.#nodes[telling]?.output;
    return { scope: this.scope(), telling, output: output ?? null };
  }

  /** What expressions see at this moment. */
  scope(): ExpressionScope {
    return { ...this.#params.scope, nodes: this.#nodes };
  }

  /** One step: starts what may start. True when all have ended. */
  async #advance(): Promise<boolean> {
    const { session, body } = this.#params;
    const { log, mailbox } = session;
    this.#throwIfAborted();
    let executions = this.#executions();
    const failure = this.#shape.findFailure(body, executions);
    if (failure !== null) throw failure;
    const unwanted = this.#shape.findUnwanted(body, executions);
    for (const { nodeId, reason } of unwanted) this.#skip(nodeId, reason);
    if (unwanted.length > 0) executions = this.#executions();
    if (this.#shape.isOver(executions)) return true;
    if (mailbox.order.kind !== 'go') return false;
    const ready = this.#takeReady(executions);
    if (ready.length === 0) return false;
    if (executions.some(({ status }) => status !== 'pending')) {
      await log.commit();
      this.#throwIfAborted();
      if (mailbox.order.kind !== 'go') return false;
    }
    for (const node of ready) this.#start(node);
    return false;
  }

  #takeReady(executions: readonly NodeExecution[]): readonly PlannedNode[] {
    const { body, options } = this.#params;
    const isIdle = ({ id }: PlannedNode): boolean => !this.#live.has(id);
    // What had begun when the run was left goes on whether there is room or not.
    const begun = body.nodes.filter((node, place) => isUnderWay(executions[place]) && isIdle(node));
    const ready = this.#shape.findReady(body, executions).filter(isIdle);
    const busy = [...this.#live.values()].filter(({ isAwake }) => isAwake).length;
    const free = Math.max(0, options.concurrency - busy - begun.length);
    this.#isFull = ready.length > free;
    return [...begun, ...ready.slice(0, free)];
  }

  #executions(): NodeExecution[] {
    const { session, body } = this.#params;
    return body.nodes.map(({ id, kind }) => ({ ...session.inside.nodes.executionOf(this.#pathOf(id), kind.kind), id }));
  }

  #skip(id: string, reason: string): void {
    const { session, body } = this.#params;
    const nodeKind = body.nodes.find((node) => node.id === id)?.kind.kind ?? '';
    session.log.append({ kind: 'node.skipped', nodeId: this.#pathOf(id), reason, nodeKind });
    this.#ended(id);
  }

  #start(node: PlannedNode): void {
    const { session, rest: own } = this.#params;
    const rest = own.child((isAwake) => {
      if (!isAwake && this.#isFull) this.#notify();
    });
    this.#live.set(node.id, rest);
    const place = { id: this.#pathOf(node.id), scope: () => this.scope(), abort: this.#abort, rest };
    executeInner({ session, node, place }).then(
      (event) => this.#end(node, rest, event),
      (error: unknown) => this.#lose(node, rest, error),
    );
  }

  #end(node: PlannedNode, rest: ChildRest, event: NodeEnd): void {
    if (!this.#abort.aborted) {
      this.#params.session.log.append(event);
      this.#ended(node.id);
      // At once, so that there is one winner.
      if (this.#params.options.shape === 'race' && event.kind === 'node.completed') {
        this.#live.delete(node.id);
        this.#abort.abort(new Error('another branch was faster'));
      }
    }
    this.#leave(node, rest);
  }

  /** It was cut short; anything else is a fault of Errand. */
  #lose(node: PlannedNode, rest: ChildRest, thrown: unknown): void {
    if (!this.#abort.aborted) {
      const error = { kind: 'internal', message: `Errand could not run this node: ${errorMessage(thrown)}` };
      this.#params.session.log.append({ kind: 'node.failed', nodeId: this.#pathOf(node.id), attempt: 1, error });
      this.#ended(node.id);
    }
    this.#leave(node, rest);
  }

  #leave(node: PlannedNode, rest: ChildRest): void {
    this.#live.delete(node.id);
    this.#notify();
    rest.close();
  }

  #ended(id: string): void {
    const { session, body, options } = this.#params;
    const path = this.#pathOf(id);
    const execution = session.inside.nodes.get(path)?.execution;
    if (execution !== undefined) this.#show(id, execution);
    const ended = body.nodes.filter((node) => isNodeEnded(this.#nodes[node.id]?.status ?? 'pending')).length;
    options.onEnd?.(ended, body.nodes.length);
  }

  #show(id: string, execution: NodeExecution): void {
    this.#nodes[id] = toScope(execution, this.#params.session.inside.nodes.get(this.#pathOf(id))?.output);
  }

  #livePaths(): string[] {
    return [...this.#live.keys()].map((id) => this.#pathOf(id));
  }

  #pathOf(id: string): string {
    return heldPath(this.#params.path, id);
  }

  #throwIfAborted(): void {
    const { abort } = this.#params;
    if (abort.aborted) throw abort.reason ?? new Error('aborted');
  }

  async #pause(): Promise<void> {
    const { rest } = this.#params;
    await new Promise<void>((resolve) => {
      this.#wake = () => {
        rest.wake();
        resolve();
      };
      rest.rest();
    });
  }

  #notify(): void {
    this.#dirty = true;
    this.#wake();
  }
}

function isUnderWay(execution: NodeExecution | undefined): boolean {
  return execution?.status === 'running' || execution?.status === 'waiting';
}
