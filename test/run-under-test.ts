import type { RunEvent } from '../src/core/events.js';
import type { Json } from '../src/core/json.js';
import { silentLogger } from '../src/core/logger.js';
import { pendingNode } from '../src/core/node-execution.js';
import { NodeFailure, type Handler } from '../src/core/node-kind.js';
import { pendingRun, type Run } from '../src/core/run.js';
import { EmbeddedDurable } from '../src/engine/embedded/embedded-durable.js';
import { nodeKinds } from '../src/nodes/registry.js';
import { driveRun } from '../src/runner/drive-run.js';
import { RunControl } from '../src/runner/run-control.js';
import { RunRecall } from '../src/runner/run-recall.js';
import { ManualClock } from '../src/testing/manual-clock.js';
import { createPlan } from '../src/workflow/create-plan.js';
import { defineWorkflow, type NodeSpec, type WorkflowSpec } from '../src/workflow/define-workflow.js';

/** One run as its records outlive processes: `drive` is a process that takes it up, `log` and `run` are what is on disk. */
export class RunUnderTest {
  readonly clock = new ManualClock();
  readonly log: RunEvent[] = [];
  readonly commits: RunEvent['kind'][][] = [];
  run: Run;
  control = new RunControl();
  readonly #spec: WorkflowSpec;
  readonly #input: Json;

  constructor(nodes: readonly NodeSpec[], rest: Partial<WorkflowSpec> = {}, input: Json = {}) {
    this.#spec = { id: 'w', name: 'W', description: 'A workflow', credits: 12, nodes, ...rest };
    this.#input = input;
    this.run = pendingRun({
      id: '0197a000-0000-7000-8000-000000000001',
      organizationId: 'o',
      workflowId: 'w',
      workflowName: 'W',
      workflowVersion: 1,
      creditsReserved: 12,
      createdAt: this.clock.now(),
      nodes: nodes.map(pendingNode),
    });
  }

  /** Takes the run up as a fresh process would: from the record and the log alone. */
  async drive(): Promise<Run> {
    const { definition, functions } = defineWorkflow(this.#spec);
    const handlers = Object.fromEntries(
      Object.keys(functions).map((nodeId) => [nodeId, { kind: 'inline', workflowId: 'w', nodeId } as const]),
    );
    this.control = new RunControl();
    const { control, clock } = this;
    const recalled = new RunRecall();
    for (const event of this.log) recalled.add(event);
    const durable = new EmbeddedDurable({ clock, control, remembered: recalled.remembered });
    try {
      return await driveRun({
        run: this.run,
        plan: createPlan({ definition, version: 1, handlers, kinds: nodeKinds }),
        input: this.#input,
        instruction: 'be kind',
        outputs: recalled.outputs,
        organization: { id: 'o', name: 'Org' },
        control,
        durable,
        recorder: {
          record: async ({ run, events }) => {
            await new Promise((resolve) => setImmediate(resolve));
            this.commits.push(events.map((event) => event.kind));
            this.log.push(...(JSON.parse(JSON.stringify(events)) as RunEvent[]));
            this.run = JSON.parse(JSON.stringify(run)) as Run;
          },
        },
        resolveHandler: async (ref) => {
          const handler = functions[ref.kind === 'inline' ? ref.nodeId : ''];
          if (handler === undefined) throw new NodeFailure('no such function', { kind: 'handler_missing' });
          return handler;
        },
        clock,
        random: () => 0,
        logger: silentLogger,
      });
    } finally {
      durable.close();
    }
  }

  kinds(): string[] {
    return this.log.map((event) => ('nodeId' in event ? `${event.kind} ${event.nodeId}` : event.kind));
  }

  statuses(): string[] {
    return this.run.nodes.map((node) => node.status);
  }

  outputOf(id: string): Json | undefined {
    const end = this.log.find((event) => event.kind === 'node.completed' && event.nodeId === id);
    return end?.kind === 'node.completed' ? end.output : undefined;
  }

  node(id: string) {
    return this.run.nodes.find((node) => node.id === id);
  }
}

export const code = (id: string, run: Handler, rest: Partial<NodeSpec> = {}): NodeSpec => ({
  id,
  kind: 'code',
  run,
  ...rest,
});
export const agent = (id: string, run: Handler, rest: Partial<NodeSpec> = {}): NodeSpec =>
  code(id, run, { role: id, label: id.toUpperCase(), on_error: 'continue', ...rest });
