import type { RunEvent } from '../../core/run/events.js';
import { findExecution } from '../../core/run/node-execution.js';
import type { Run } from '../../core/run/run.js';
import { workflowKeyOfRun } from '../../core/workflow/workflow-key.js';
import type { Registry } from './registry.js';

/** Seconds, of what takes as long as a model or a person does. */
const LONG = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1_800, 3_600, 86_400];
/** Kinds of nodes, and moments at which nodes began, that are kept in memory. */
const MAX_REMEMBERED = 10_000;

export interface WorkflowTotals {
  readonly workflowId: string;
  readonly accepted: number;
  readonly ended: { readonly [status: string]: number };
}

/** Organizations may name their own workflows as they like: a label must have few values. */
function labelOf({ workflowId, ownWorkflow }: Run): string {
  return ownWorkflow === true ? '(own)' : workflowId;
}

/** What is to be seen in what was recorded of runs. */
export class RunMetrics {
  readonly #created;
  readonly #ended;
  readonly #retried;
  readonly #queueTime;
  readonly #duration;
  readonly #attempts;
  readonly #nodeTime;
  readonly #waits;
  readonly #tokens;
  readonly #calls;
  readonly #cost;
  readonly #credits;
  /** By workflow version and node. */
  readonly #kinds = new Map<string, string>();
  /** By run and node: when it began. */
  readonly #startedAt = new Map<string, number>();

  constructor(registry: Registry) {
    this.#created = registry.counter('errand_runs_created_total', 'Runs that were accepted.', 'workflow');
    this.#ended = registry.counter('errand_runs_ended_total', 'Runs that have ended.', 'workflow', 'status');
    this.#retried = registry.counter('errand_runs_retried_total', 'Retries of runs.', 'workflow');
    this.#queueTime = registry.histogram(
      'errand_run_queue_seconds',
      'From the acceptance of a run to its start.',
      LONG,
      'workflow',
    );
    this.#duration = registry.histogram(
      'errand_run_duration_seconds',
      'From the acceptance of a run to its end.',
      LONG,
      'workflow',
    );
    this.#attempts = registry.counter(
      'errand_node_attempts_total',
      'Attempts at nodes that have ended.',
      'kind',
      'outcome',
    );
    this.#nodeTime = registry.histogram(
      'errand_node_attempt_seconds',
      'How long attempts at nodes took.',
      LONG,
      'kind',
    );
    this.#waits = registry.counter('errand_node_waits_total', 'Waits of nodes that began.', 'for');
    this.#calls = registry.counter('errand_model_calls_total', 'Calls of models.', 'model');
    this.#tokens = registry.counter('errand_model_tokens_total', 'Tokens of models.', 'model', 'direction');
    this.#cost = registry.counter('errand_model_cost_usd_total', 'US dollars, of calls whose price is known.', 'model');
    this.#credits = registry.counter('errand_credits_consumed_total', 'Credits of runs that have ended.', 'workflow');
  }

  /** Runs since the start, by workflow: how many were accepted, and what became of those that have ended. */
  totals(): readonly WorkflowTotals[] {
    const found = new Map<string, { accepted: number; ended: { [status: string]: number } }>();
    const of = (workflow: string) => {
      const known = found.get(workflow) ?? { accepted: 0, ended: {} };
      found.set(workflow, known);
      return known;
    };
    for (const [[workflow = ''], count] of this.#created.samples()) of(workflow).accepted = count;
    for (const [[workflow = '', status = ''], count] of this.#ended.samples()) of(workflow).ended[status] = count;
    return [...found].map(([workflowId, totals]) => ({ workflowId, ...totals }));
  }

  /** After these events of the run were recorded. */
  observe(run: Run, events: readonly RunEvent[]): void {
    for (const event of events) this.#observe(run, event);
  }

  #observe(run: Run, event: RunEvent): void {
    const workflow = labelOf(run);
    switch (event.kind) {
      case 'run.created':
        return this.#created.add(1, workflow);
      case 'run.started':
        return run.retries === undefined
          ? this.#queueTime.observe((event.at - run.createdAt) / 1_000, workflow)
          : undefined;
      case 'run.retried':
        return this.#retried.add(1, workflow);
      case 'run.completed':
      case 'run.partially_completed':
      case 'run.failed':
      case 'run.cancelled':
        return this.#end(run, event.at);
      case 'node.started':
        return this.#begin(run, event.nodeId, event.at);
      case 'node.completed':
      case 'node.failed':
      case 'node.retrying':
        return this.#endAttempt(run, event.nodeId, event);
      case 'node.waiting':
        return this.#waits.add(1, event.wait.for);
      case 'step.completed':
      case 'node.usage':
        return event.usage === undefined ? undefined : this.#use(event.usage);
      default:
        return undefined;
    }
  }

  #end(run: Run, at: number): void {
    const { status } = run;
    const workflow = labelOf(run);
    this.#ended.add(1, workflow, status);
    this.#duration.observe((at - run.createdAt) / 1_000, workflow);
    this.#credits.add(run.creditsConsumed - (run.retries?.creditsConsumed ?? 0), workflow);
  }

  #begin(run: Run, nodeId: string, at: number): void {
    if (this.#startedAt.size >= MAX_REMEMBERED) this.#startedAt.clear();
    this.#startedAt.set(`${run.id} ${nodeId}`, at);
  }

  #endAttempt(run: Run, nodeId: string, event: RunEvent): void {
    const kind = this.#kindOf(run, nodeId);
    this.#attempts.add(1, kind, event.kind.slice('node.'.length));
    const key = `${run.id} ${nodeId}`;
    const begun = this.#startedAt.get(key);
    if (begun === undefined) return;
    this.#startedAt.delete(key);
    this.#nodeTime.observe((event.at - begun) / 1_000, kind);
  }

  #kindOf(run: Run, nodeId: string): string {
    // All items of a map are alike.
    const place = nodeId.includes('[') ? nodeId.replaceAll(/\[\d+\]/g, '[]') : nodeId;
    const key = `${workflowKeyOfRun(run)} ${run.workflowVersion} ${place}`;
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    if (this.#kinds.size >= MAX_REMEMBERED) this.#kinds.clear();
    const kind = findExecution(run.nodes, nodeId)?.kind ?? 'other';
    this.#kinds.set(key, kind);
    return kind;
  }

  #use({ model, calls, inputTokens, cachedInputTokens, outputTokens, costMicros }: UsageOfModel): void {
    this.#calls.add(calls, model);
    this.#tokens.add(inputTokens, model, 'input');
    this.#tokens.add(cachedInputTokens, model, 'cached_input');
    this.#tokens.add(outputTokens, model, 'output');
    this.#cost.add(costMicros / 1e6, model);
  }
}

type UsageOfModel = NonNullable<Extract<RunEvent, { kind: 'node.usage' }>['usage']>;
