import { renderPrice } from '../../../core/render/render-price.js';
import { creditCeiling } from '../../../core/workflow/price.js';
import { NO_WAITS, type WaitReasons } from '../../../core/ports/engine.js';
import type { WorkflowRecord } from '../../../core/workflow/definition.js';
import type { Json, JsonObject } from '../../../core/json.js';
import { shorten } from '../../../core/text/cut-text.js';
import { listExecutions, type NodeExecution } from '../../../core/run/node-execution.js';
import { outputJson } from '../../../core/run/output-json.js';
import { listAgents, isTerminal, sumUsage, type Run, type RunFields, type RunListItem } from '../../../core/run/run.js';
import { OUTPUT_LIMITS, cutOutput, runUri, shareWords } from '../../tool-kit/cut-output.js';
import { computePollAfterMs, computePercent } from './poll-advice.js';
import { openQuestions, renderQuestions, showQuestion } from './questions.js';
import { renderUsage } from '../../../core/render/render-usage.js';
import { durationSeconds, failureText, nextAction, statusMessage } from './run-words.js';
import { toToolName } from '../schemas/tool-name.js';
import type { Detail } from '../schemas/native-schemas.js';
import { inputSchemaOf } from '../../../core/tool-form/workflow-tool-text.js';
import { renderRunId } from '../../../core/render/run-id.js';
import { tellMoment, tellMomentOrNull } from '../../../core/time/moment.js';

/** Records as the native contract shows them: the fields of both other contracts and the same words as the REST API. */

/**
 * `notReady`: what is to be set before it can be started. `words`: characters of its description at most; all of them
 * when not given.
 */
export function renderWorkflowSummary(
  workflow: WorkflowRecord,
  notReady: string | null,
  words = Number.POSITIVE_INFINITY,
): JsonObject {
  const { definition, version, workflowId } = workflow.version;
  return {
    id: workflowId,
    name: definition.name,
    description: shorten(definition.description, words),
    version,
    credit_cost: creditCeiling(definition),
    estimated_duration: definition.estimated_duration ?? null,
    agent_count: definition.nodes.filter((node) => node.role !== undefined).length,
    tool: definition.publish === false ? null : toToolName(workflowId),
    ready: notReady === null,
    not_ready_because: notReady,
    created_at: tellMoment(workflow.createdAt),
    updated_at: tellMoment(workflow.updatedAt),
  };
}

export function renderWorkflow(workflow: WorkflowRecord, notReady: string | null): JsonObject {
  const { definition } = workflow.version;
  const agents = definition.nodes.flatMap(({ id, role, label }) =>
    role === undefined ? [] : [{ id, role, label: label ?? id }],
  );
  return {
    ...renderWorkflowSummary(workflow, notReady),
    agents,
    price: renderPrice(definition) as Json,
    input_schema: inputSchemaOf(workflow),
    output_schema: definition.output ?? null,
  };
}

/** Runs as a list shows them: what each says gets shorter the more there are. */
export function renderRunList(runs: readonly RunListItem[]): readonly JsonObject[] {
  const words = shareWords(2 * runs.length);
  return runs.map((run) => {
    const fields = runFields(run, run.agentCount);
    for (const name of SAYING) fields[name] = shortened(fields[name] as string | null, words);
    if (run.tags !== undefined) fields['tags'] = run.tags;
    return fields;
  });
}

const SAYING = ['summary', 'error', 'error_message', 'output_error'] as const;

type RenderedRun = { [name: string]: Json };

function runFields(run: RunFields, agentCount: number): RenderedRun {
  const error = renderErrorText(run);
  return {
    run_id: renderRunId(run.id),
    workflow_id: run.workflowId,
    workflow_name: run.workflowName,
    workflow_version: run.workflowVersion,
    status: run.status,
    terminal: isTerminal(run.status),
    version: run.version,
    agent_count: agentCount,
    credits_reserved: run.creditsReserved,
    credits_consumed: run.creditsConsumed,
    summary: run.summary,
    error,
    error_message: error,
    error_kind: run.error?.kind ?? null,
    error_node: run.error?.nodeId ?? null,
    output_error: run.outputError,
    created_at: tellMoment(run.createdAt),
    started_at: tellMomentOrNull(run.startedAt),
    completed_at: tellMomentOrNull(run.completedAt),
    duration_seconds: durationSeconds(run),
  };
}

export interface RunView {
  readonly run: Run;
  readonly now: number;
  readonly detail: Detail;
  /** What keeps it or its nodes from going ahead. */
  readonly waits?: WaitReasons;
  /** For `full`: what the nodes gave, by their ids. */
  readonly outputs?: ReadonlyMap<string, JsonObject>;
}

/** The answer to most polls: its fields are set one by one, as gathering them from parts takes three times as long. */
export function renderRunStatus({ run, now, detail, waits = NO_WAITS, outputs }: RunView): JsonObject {
  const agents = listAgents(run);
  const fields = runFields(run, agents.length);
  fields['status_message'] = statusMessage(run, waits);
  fields['waiting_for'] = waits.run;
  fields['progress'] = computePercent(run);
  fields['poll_after_ms'] = computePollAfterMs(run, now);
  if (!isTerminal(run.status)) fields['next_action'] = nextAction(run, { runId: renderRunId(run.id), now });
  const questions = openQuestions(run);
  if (questions.length > 0) Object.assign(fields, renderQuestions(questions));
  const json = outputJson(run);
  if (json !== null) {
    const cut = cutOutput(json, { most: OUTPUT_LIMITS.whole, resource: runUri(run.id) });
    Object.assign(fields, cut === null ? { output: run.output } : { output_cut: cut });
  }
  if (detail !== 'summary') {
    const usage = sumUsage(run);
    fields['usage'] = usage === null ? null : renderUsage(usage);
    Object.assign(
      fields,
      listNodes('agents', agents, (node, words) => renderNode(node, waits, words)),
    );
  }
  if (detail === 'full') {
    const render = (node: NodeExecution, words: number) => ({
      ...renderNode(node, waits, words),
      kind: node.kind,
      ...outputs?.get(node.id),
    });
    Object.assign(fields, listNodes('nodes', listExecutions(run.nodes), render));
  }
  return fields;
}

/** Nodes in one answer. */
const MAX_NODES = 100;

/**
 * Shortens a long list of nodes: to those at work or failed and the first of the others, in the workflow's order. Says
 * how many more there are.
 */
function listNodes(
  name: 'agents' | 'nodes',
  nodes: readonly NodeExecution[],
  render: (node: NodeExecution, words: number) => JsonObject,
): JsonObject {
  if (nodes.length <= MAX_NODES) {
    const words = shareWords(nodes.length);
    return { [name]: nodes.map((node) => render(node, words)) };
  }
  const isTelling = ({ status }: NodeExecution): boolean =>
    status === 'running' || status === 'waiting' || status === 'failed';
  const first = [...nodes.filter(isTelling), ...nodes.filter((node) => !isTelling(node))].slice(0, MAX_NODES);
  const shown = new Set(first);
  const words = shareWords(MAX_NODES);
  return {
    [name]: nodes.filter((node) => shown.has(node)).map((node) => render(node, words)),
    [`${name}_left_out`]: nodes.length - MAX_NODES,
  };
}

/** `words`: characters of what it says at most. */
function renderNode(node: NodeExecution, waits: WaitReasons, words: number): JsonObject {
  const heldUpBy = waits.nodes.get(node.id);
  return {
    id: node.id,
    role: node.role,
    label: node.label,
    status: node.status,
    attempt: node.attempt,
    progress: node.progress,
    message: shortened(node.message, words),
    findings: shortened(node.findings, words),
    // The error of an attempt that is made again, or that a fallback stands in for, is not the node's: it has not
    // failed.
    error_message:
      node.status === 'failed' ? shorten(node.error?.message ?? 'It failed without saying why.', words) : null,
    started_at: tellMomentOrNull(node.startedAt),
    completed_at: tellMomentOrNull(node.completedAt),
    ...(heldUpBy === undefined ? {} : { held_up_by: heldUpBy }),
    ...(node.status === 'waiting' ? renderWait(node, words) : {}),
    ...(node.childRunId === undefined ? {} : { child_run_id: renderRunId(node.childRunId) }),
    ...(node.items === undefined ? {} : { items: node.items }),
    ...(node.rounds === undefined ? {} : { rounds: node.rounds }),
    ...(node.usedFallback === true ? { used_fallback: true } : {}),
    ...(node.usage === undefined ? {} : { usage: renderUsage(node.usage) }),
  };
}

function shortened(text: string | null, most: number): string | null {
  return text === null ? null : shorten(text, most);
}

function renderWait({ waitingFor, waitingUntil, question, event }: NodeExecution, words: number): JsonObject {
  return {
    ...(waitingFor === undefined ? {} : { waiting_for: waitingFor }),
    waiting_until: tellMomentOrNull(waitingUntil),
    ...(question === undefined ? {} : { question: showQuestion(question, words) }),
    ...(event === undefined ? {} : { event: { name: event.name, key: event.key } }),
  };
}

function renderErrorText(run: Pick<Run, 'status' | 'error' | 'outputError'>): string | null {
  return run.status === 'failed' ? failureText(run) : null;
}
