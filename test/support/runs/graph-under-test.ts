import type { RunEvent } from '../../../src/core/run/events.js';
import { NodeFailure, type Handler } from '../../../src/core/handlers/node-kind.js';
import { isTerminal, type Run } from '../../../src/core/run/run.js';
import type { NodeSpec } from '../../../src/workflow/define-workflow.js';
import { scripted, type ModelNode, type ModelOutcome, type ModelWork } from './reference-interpreter.js';
import { RunUnderTest, type CommitFate } from './run-under-test.js';

const NODE_TIMEOUT_MS = 400;

/** Drives a graph as often as it takes, and watches over what its nodes do. */
export class GraphUnderTest {
  readonly test: RunUnderTest;
  readonly first: Run;
  readonly breaches: string[] = [];
  readonly #nodes: readonly ModelNode[];
  /** How many nodes work in the process of now; those of a process that has died may be about to hear of it. */
  #process = { working: 0 };

  constructor(nodes: readonly ModelNode[], concurrency: number, fates: readonly CommitFate[]) {
    this.#nodes = nodes;
    this.test = new RunUnderTest(
      nodes.map((node) => this.#spec(node, concurrency)),
      { concurrency, result: { done: true } },
    );
    this.test.commitFates = [...fates];
    this.first = structuredClone(this.test.run);
  }

  /** Until the run has ended; `cancelAfterMs` cancels it on the way. */
  async run(cancelAfterMs: number | null = null): Promise<Run> {
    const { test } = this;
    const startedAt = test.clock.now();
    for (let rounds = 0; !isTerminal(test.run.status); rounds += 1) {
      if (rounds > 60) throw new Error(`no end: ${JSON.stringify(test.run)}`);
      this.#process = { working: 0 };
      const driving = { done: false };
      const end = test.drive().finally(() => (driving.done = true));
      for (let steps = 0; !driving.done; steps += 1) {
        if (steps > 400) throw new Error(`stuck: ${JSON.stringify(test.run)}`);
        await test.clock.advance(steps < 10 ? 10 : 300);
        this.#playOutside();
        if (cancelAfterMs !== null && test.clock.now() - startedAt >= cancelAfterMs) test.control.cancel('enough');
      }
      await end;
    }
    return test.run;
  }

  /** Ends the runs that nodes have started, and answers what is asked, where the script says so. */
  #playOutside(): void {
    const { children, run, control } = this.test;
    for (const { key, parent } of children.started) {
      const id = children.idOf(key);
      const node = this.#nodes.find((candidate) => candidate.id === parent.nodeId);
      if (node?.work.kind !== 'child' || isTerminal(children.runs.get(id)?.status ?? 'failed')) continue;
      const scriptedOutcome = scripted(node.work.outcomes, Number(key.split(':').at(-1)));
      if (scriptedOutcome === 'hang') continue;
      const error = scriptedOutcome === 'ok' ? null : { kind: scriptedOutcome.fail, message: 'no', nodeId: null };
      children.change(id, error === null ? { status: 'completed', output: node.id } : { status: 'failed', error });
      control.childChanged();
    }
    for (const { id, question } of run.nodes) {
      const node = this.#nodes.find((candidate) => candidate.id === id);
      if (question === undefined || node?.work.kind !== 'ask' || !node.work.answered) continue;
      this.test.answer(id, id).catch(() => undefined);
    }
  }

  #spec(node: ModelNode, concurrency: number): NodeSpec {
    const { id, when } = node;
    return {
      id,
      needs: node.needs,
      ...(node.needs.length === 0 ? {} : { join: node.join }),
      ...(when === null
        ? {}
        : { when: typeof when === 'boolean' ? String(when) : `nodes.${when.need}.status = '${when.is}'` }),
      ...(node.isAgent ? { role: id, label: id } : {}),
      retry: { attempts: node.attempts, initial: 30, ...(node.on === null ? {} : { on: node.on }) },
      on_error: node.onError === 'use' ? { use: `instead of {{ error.kind }}` } : node.onError,
      ...this.#work(node, concurrency),
    };
  }

  #work({ id, needs, work: todo }: ModelNode, concurrency: number): Partial<NodeSpec> & { readonly kind: string } {
    switch (todo.kind) {
      case 'code':
        return { kind: 'code', timeout: NODE_TIMEOUT_MS, run: this.#handler({ id, needs, todo, concurrency }) };
      case 'child':
        return { kind: 'workflow', workflow: 'other', timeout: NODE_TIMEOUT_MS };
      case 'wait':
        return { kind: 'wait', for: todo.forMs };
      case 'ask': {
        const deadline = todo.answered ? '1h' : todo.deadlineMs;
        return { kind: 'ask', question: `${id}?`, answer: {}, deadline, ...(todo.hasDefault ? { default: id } : {}) };
      }
      case 'map':
        return {
          kind: 'map',
          over: todo.items.map((_, index) => index),
          on_item_error: todo.stopOnFailure ? 'fail' : 'continue',
          do: {
            kind: 'code',
            with: '{{ item }}',
            run: this.#itemHandler(id, todo),
            retry: { attempts: todo.itemAttempts, initial: 10 },
          },
        };
    }
  }

  #handler(params: {
    readonly id: string;
    readonly needs: readonly string[];
    readonly todo: Extract<ModelWork, { kind: 'code' | 'child' }>;
    readonly concurrency: number;
  }): Handler {
    const { id, needs, todo, concurrency } = params;
    return async ({ attempt, signal, idempotencyKey, progress }) => {
      const committed = this.test.log.filter((event) => 'nodeId' in event && isEnd(event));
      const ended = (nodeId: string): boolean =>
        committed.some((event) => 'nodeId' in event && event.nodeId === nodeId);
      if (ended(id)) this.breaches.push(`${id} ran after its end was committed`);
      for (const need of needs)
        if (!ended(need)) this.breaches.push(`${id} ran before the end of ${need} was committed`);
      if (idempotencyKey !== `${this.test.run.id}:${id}`) this.breaches.push(`${id} had the key ${idempotencyKey}`);
      const process = this.#process;
      process.working += 1;
      if (process.working > concurrency) this.breaches.push(`${process.working} nodes worked at the same time`);
      try {
        progress(50 - attempt * 10);
        await this.#pass(todo.takesMs, signal);
        return await this.#end(id, scripted(todo.outcomes, attempt), signal);
      } finally {
        process.working -= 1;
      }
    };
  }

  #itemHandler(id: string, todo: Extract<ModelWork, { kind: 'map' }>): Handler {
    return async ({ input, attempt, signal }) => {
      const index = Number(input);
      const done = this.test.log.some(
        (event) =>
          event.kind === 'step.completed' &&
          event.key.startsWith(`${id}[${index}]`) &&
          event.outcome.status === 'completed',
      );
      if (done) this.breaches.push(`item ${index} of ${id} ran after its outcome was committed`);
      await this.#pass(todo.takesMs, signal);
      return this.#end(id, scripted(todo.items[index] ?? [], attempt), signal);
    };
  }

  #pass(ms: number, signal: AbortSignal): Promise<void> {
    if (ms === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const cancel = this.test.clock.schedule(ms, resolve);
      signal.addEventListener('abort', () => {
        cancel();
        reject(new Error('aborted'));
      });
    });
  }

  async #end(id: string, how: ModelOutcome, signal: AbortSignal): Promise<string> {
    if (how === 'ok') return id;
    if (how !== 'hang') throw new NodeFailure('no', { kind: how.fail, retryable: how.retryable });
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  }
}

export function isEnd({ kind }: RunEvent): boolean {
  return kind === 'node.completed' || kind === 'node.failed' || kind === 'node.skipped' || kind === 'node.cancelled';
}
