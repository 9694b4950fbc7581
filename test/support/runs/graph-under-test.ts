import { listExecutions } from '../../../src/core/run/node-execution.js';
import { isWithin } from '../../../src/core/run/paths/node-path.js';
import type { RunEvent } from '../../../src/core/run/events.js';
import { NodeFailure, type Handler } from '../../../src/core/handlers/node-kind.js';
import { isTerminal, type Run } from '../../../src/core/run/run.js';
import type { NodeSpec } from '../../../src/workflow/define-workflow.js';
import { scripted, type ModelNode, type ModelOutcome, type ModelWork } from './reference-interpreter.js';
import { RunUnderTest, type CommitFate } from './run-under-test.js';

/** Where a node of the model stands. */
interface Place {
  /** Its id, after those of what holds it. */
  readonly path: readonly string[];
  /** How many nodes of the workflow may work. */
  readonly concurrency: number;
}

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
      nodes.map((node) => this.#spec(node, { path: [node.id], concurrency })),
      { concurrency, result: { done: true } },
    );
    this.test.commitFates = [...fates];
    this.first = structuredClone(this.test.run);
    for (const { id, work } of nodes)
      if (work.kind === 'event' && work.comes === 'before') this.test.events.send(id, id);
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

  /** Ends the runs that nodes have started, sends events, and answers what is asked, where the script says so. */
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
      control.haveLook();
    }
    for (const { id, event } of run.nodes) {
      const node = this.#nodes.find((candidate) => candidate.id === id);
      if (event === undefined || node?.work.kind !== 'event' || node.work.comes !== 'while') continue;
      if (!this.test.events.sent.some(({ name }) => name === id)) this.test.events.send(id, id);
      control.haveLook();
    }
    for (const { id, question } of listExecutions(run.nodes)) {
      const node = this.#find(id);
      if (question === undefined || node?.work.kind !== 'ask' || !node.work.answered) continue;
      this.test.answer(id, id).catch(() => undefined);
    }
  }

  /** Of a node in a group too, in a map or not. */
  #find(path: string): ModelNode | undefined {
    let nodes = this.#nodes;
    let found: ModelNode | undefined;
    for (const id of path.split('.')) {
      found = nodes.find((candidate) => candidate.id === id.replaceAll(/\[\d+\]/g, ''));
      nodes = found?.work.kind === 'group' ? found.work.nodes : [];
    }
    return found;
  }

  #spec(node: ModelNode, place: Place): NodeSpec {
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
      ...this.#work(node, place),
    };
  }

  #work({ id, needs, work: todo }: ModelNode, place: Place): Partial<NodeSpec> & { readonly kind: string } {
    switch (todo.kind) {
      case 'code':
        return { kind: 'code', timeout: NODE_TIMEOUT_MS, run: this.#handler({ id, needs, todo, place }) };
      case 'child':
        return { kind: 'workflow', workflow: 'other', timeout: NODE_TIMEOUT_MS };
      case 'wait':
        return { kind: 'wait', for: todo.forMs };
      case 'ask': {
        const deadline = todo.answered ? '1h' : todo.deadlineMs;
        return { kind: 'ask', question: `${id}?`, answer: {}, deadline, ...(todo.hasDefault ? { default: id } : {}) };
      }
      case 'event': {
        const deadline = todo.comes === 'never' ? todo.deadlineMs : '1h';
        return { kind: 'event', name: id, deadline, ...(todo.hasDefault ? { default: id } : {}) };
      }
      case 'emit':
        return { kind: 'emit', name: `from ${id}` };
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
      case 'group': {
        const nodes = todo.nodes.map((node) => this.#spec(node, { ...place, path: [...place.path, node.id] }));
        const group = { kind: todo.shape, ...holding(todo, nodes), ...(todo.shape === 'race' ? {} : { result: id }) };
        if (todo.items === null) return group;
        const over = Array.from({ length: todo.items.count }, (_, index) => index);
        return { kind: 'map', over, on_item_error: todo.items.stopOnFailure ? 'fail' : 'continue', do: group };
      }
    }
  }

  #handler(params: {
    readonly id: string;
    readonly needs: readonly string[];
    readonly todo: Extract<ModelWork, { kind: 'code' | 'child' }>;
    readonly place: Place;
  }): Handler {
    const { id, needs, todo, place } = params;
    return async ({ attempt, signal, idempotencyKey, progress, node }) => {
      if (place.path.length > 1) return this.#workInside(node.id, params, { attempt, signal, idempotencyKey });
      const committed = this.test.log.filter((event) => 'nodeId' in event && isEnd(event));
      const ended = (nodeId: string): boolean =>
        committed.some((event) => 'nodeId' in event && event.nodeId === nodeId);
      if (ended(id)) this.breaches.push(`${id} ran after its end was committed`);
      for (const need of needs)
        if (!ended(need)) this.breaches.push(`${id} ran before the end of ${need} was committed`);
      if (idempotencyKey !== `${this.test.run.id}:${id}`) this.breaches.push(`${id} had the key ${idempotencyKey}`);
      const process = this.#process;
      process.working += 1;
      if (process.working > place.concurrency) this.breaches.push(`${process.working} nodes worked at the same time`);
      try {
        progress(50 - attempt * 10);
        await this.#pass(todo.takesMs, signal);
        return await this.#end(id, scripted(todo.outcomes, attempt), signal);
      } finally {
        process.working -= 1;
      }
    };
  }

  /** The same for a node in a group, at a path. */
  async #workInside(
    path: string,
    { id, needs, todo }: { id: string; needs: readonly string[]; todo: Extract<ModelWork, { kind: 'code' | 'child' }> },
    { attempt, signal, idempotencyKey }: { attempt: number; signal: AbortSignal; idempotencyKey: string },
  ): Promise<unknown> {
    const holder = path.slice(0, -id.length - 1);
    if (this.#mustNotRunAgain(path, holder)) this.breaches.push(`${path} ran after its end was committed`);
    for (const need of needs) {
      if (this.#lastOf(`${holder}.${need}`) !== 'end')
        this.breaches.push(`${path} ran before the end of ${need} was committed`);
    }
    if (idempotencyKey !== `${this.test.run.id}:${path}`) this.breaches.push(`${path} had the key ${idempotencyKey}`);
    await this.#pass(todo.takesMs, signal);
    return this.#end(id, scripted(todo.outcomes, attempt), signal);
  }

  /** Whether it has completed, and nothing beside it has failed for which another attempt may run it again. */
  #mustNotRunAgain(path: string, holder: string): boolean {
    const events = this.test.log.filter((event) => 'nodeId' in event && isWithin(event.nodeId, holder));
    const hasFailed = events.some(({ kind }) => kind === 'node.failed' || kind === 'node.cancelled');
    return !hasFailed && events.some((event) => event.kind === 'node.completed' && event.nodeId === path);
  }

  /** Whether it has ended, as the log tells, and has not been opened again since. */
  #lastOf(path: string): 'end' | null {
    let last: 'end' | null = null;
    for (const event of this.test.log) {
      if (event.kind === 'node.reopened') {
        const isReset = event.reset.some((reset) => reset === path || isWithin(path, reset));
        if (isReset || event.resumed.includes(path)) last = null;
      } else if ('nodeId' in event && event.nodeId === path && isEnd(event)) last = 'end';
    }
    return last;
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

/** What a node of this shape has for fields. */
function holding(
  { shape, concurrency }: Extract<ModelWork, { kind: 'group' }>,
  nodes: readonly NodeSpec[],
): Partial<NodeSpec> {
  switch (shape) {
    case 'group':
      return { nodes, concurrency };
    case 'repeat':
      return { nodes, concurrency, at_most: 2, until: 'round = 2' };
    case 'race':
      return { branches: nodes };
    case 'switch':
      return { cases: nodes };
  }
}

export function isEnd({ kind }: RunEvent): boolean {
  return kind === 'node.completed' || kind === 'node.failed' || kind === 'node.skipped' || kind === 'node.cancelled';
}
