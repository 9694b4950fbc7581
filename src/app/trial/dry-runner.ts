import { setTimeout as pause } from 'node:timers/promises';
import { ErrandError } from '../../core/errors.js';
import { estimateJsonLength, type Json } from '../../core/json.js';
import type { Clock } from '../../core/ports/clock.js';
import type { DryRunParams, DryRuns } from '../../core/workflow/dry-run.js';
import { listExecutions, type NodeExecution } from '../../core/run/node-execution.js';
import { isTerminal } from '../../core/run/run.js';
import { ManualClock } from '../../core/time/manual-clock.js';
import type { WorkflowDefinition } from '../../core/workflow/definition.js';
import type { DryRun, DryRunNode } from '../../core/workflow/dry-run.js';
import type { CatalogSource } from '../../service/state/catalog.js';
import { hashWorkflow } from '../../workflow/plan/hash.js';
import { FakeNodes } from './fakes.js';
import { listNodeNames, type NamedNode, nameOfPath } from './node-names.js';
import { openTrial } from './open-trial.js';
import { ScriptedModels } from './scripted-models.js';
import type { Trial } from './trial.js';
import type { TestRun } from './workflow-test.js';

const MAX_AT_ONCE = 3;
const MAX_MS = 20_000;
const RETRY_AFTER_SECONDS = 5;
/** Of each node. */
const MAX_CALLS = 5;
/** Characters of JSON: of one value, and of all together. */
const MAX_SHOWN = { value: 20_000, all: 1_000_000 };

/** Runs workflows of which nothing is kept, on engines of their own. One of an organization at a time. */
export class DryRunner implements DryRuns {
  readonly #clock: Clock;
  readonly #maxMs: number;
  readonly #underWay = new Set<string>();

  /** `maxMs`: how long one may take. */
  constructor({ clock, maxMs = MAX_MS }: { readonly clock: Clock; readonly maxMs?: number }) {
    this.#clock = clock;
    this.#maxMs = maxMs;
  }

  async run(params: DryRunParams): Promise<DryRun> {
    const { organizationId } = params;
    if (this.#underWay.has(organizationId)) throw busy('Another dry run of this organization is under way');
    if (this.#underWay.size >= MAX_AT_ONCE) throw busy('As many dry runs as may are under way');
    this.#underWay.add(organizationId);
    try {
      return await this.#try(params);
    } finally {
      this.#underWay.delete(organizationId);
    }
  }

  async #try({ definition, called, input, instruction, outcomes }: DryRunParams): Promise<DryRun> {
    const clock = new ManualClock(this.#clock.now());
    const fakes = new FakeNodes(outcomes, 'stand_in');
    const until = this.#clock.now() + this.#maxMs;
    const isOver = (): boolean => this.#clock.now() > until;
    const sources = [definition, ...called.map(outsideOf)].map(toSource);
    const trial = await openTrial({
      clock,
      fakes,
      isOver,
      models: new ScriptedModels([]),
      secrets: Object.fromEntries((definition.secrets ?? []).map((name) => [name, `the value of ${name}`])),
      named: { said: 'outputs', nodes: Object.keys(outcomes) },
      load: () => Promise.resolve({ workflowId: definition.id, sources }),
    });
    try {
      const run = await finish(trial, clock, { input, instruction, isOver });
      return tell({ run, trial, outcomes, nodes: listNodeNames(trial.plan) });
    } finally {
      await trial.close();
    }
  }
}

function busy(what: string): ErrandError {
  const retryAfterSeconds = RETRY_AFTER_SECONDS;
  return new ErrandError('unavailable', `${what}. Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds });
}

/** What is to be known of a workflow that another one runs. */
function outsideOf({ id, name, description, input, output }: WorkflowDefinition): WorkflowDefinition {
  const nodes = [{ id: 'nothing', kind: 'transform', with: {} }];
  return { id, name, description, nodes, ...(input && { input }), ...(output && { output }) };
}

function toSource(definition: WorkflowDefinition): CatalogSource {
  return { definition, handlers: {}, hash: hashWorkflow({ definition, handlers: {} }) };
}

/** Goes through every wait, until the run has ended or nothing goes on by itself. */
async function finish(
  trial: Trial,
  clock: ManualClock,
  { input, instruction, isOver }: Pick<DryRunParams, 'input' | 'instruction'> & { readonly isOver: () => boolean },
): Promise<TestRun> {
  let run = await trial.run(input, instruction === null ? {} : { instruction });
  while (!isTerminal(run.status) && !isOver()) {
    const moments = run.waits.flatMap(({ until }) => (until === null ? [] : [Date.parse(until)]));
    if (moments.length === 0) break;
    // Others of the server have their turn, however many waits there are.
    await pause(0);
    run = await trial.advance(run, Math.max(1, Math.min(...moments) - clock.now()));
  }
  return run;
}

function tell(params: {
  readonly run: TestRun;
  readonly trial: Trial;
  readonly outcomes: DryRunParams['outcomes'];
  readonly nodes: readonly NamedNode[];
}): DryRun {
  const { run, trial, outcomes } = params;
  const shown = new Shown();
  const output = shown.show(run.output ?? null);
  const executions = new Map(listExecutions(run.nodes).map((one) => [nameOfPath(one.id), one]));
  const outputs = new Map(Object.entries(run.outputs).map(([path, value]) => [nameOfPath(path), value]));
  const tellNode = ({ name, node }: NamedNode): DryRunNode => {
    const calls = trial.calls(name);
    const execution: NodeExecution | undefined = executions.get(name);
    const standsIn = node.kind.standIn !== undefined && calls.length > 0 ? 'stand_in' : null;
    return {
      id: name,
      kind: node.kind.kind,
      status: execution?.status ?? null,
      replacedBy: Object.hasOwn(outcomes, name) ? 'given' : standsIn,
      callCount: calls.length,
      calls: calls.slice(0, MAX_CALLS).map(({ attempt, input, fields }) => ({
        attempt,
        input: shown.show(input),
        fields: shown.show({ ...fields }),
      })),
      output: shown.show(outputs.get(name) ?? null),
      error: execution?.error ?? null,
    };
  };
  return {
    status: run.status,
    output,
    error: run.error,
    summary: run.summary,
    credits: run.creditsConsumed,
    waitedMs: (run.completedAt ?? trial.now()) - run.createdAt,
    isCutOff: !isTerminal(run.status),
    nodes: params.nodes.map(tellNode),
  };
}

/** Values that are told, as long as there is room for them. */
class Shown {
  #left = MAX_SHOWN.all;

  show(value: Json): Json {
    const room = Math.min(MAX_SHOWN.value, this.#left);
    const length = estimateJsonLength(value, room);
    if (length > room) return null;
    this.#left -= length;
    return value;
  }
}
