import type { Json } from '../../core/json.js';
import { withOutputJson } from '../../core/run/output-json.js';
import type { Usage } from '../../core/models/models.js';
import { sumUsage, type Run, type RunListItem, type RunStatus } from '../../core/run/run.js';
import { parseNodes } from './nodes-text.js';
import { decodeText } from './text.js';

export interface RunListRow {
  readonly id: string;
  readonly organization_id: string;
  readonly workflow_id: string;
  readonly workflow_version: number;
  readonly workflow_name: string;
  readonly status: RunStatus;
  readonly version: number;
  readonly credits_reserved: number;
  readonly credits_consumed: number;
  readonly agent_count: number;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly completed_at: number | null;
  readonly origin: string | null;
  readonly outcome: string | null;
}

export interface RunRow extends RunListRow {
  readonly input_hash: string | null;
  readonly nodes: string;
  readonly output: string | null;
}

type Origin = Pick<
  Run,
  'priority' | 'parent' | 'sharedBudgets' | 'rerunOf' | 'trace' | 'callback' | 'ownWorkflow' | 'tags' | 'metadata'
>;
/** What models have used is kept here too, before the nodes: what lists show must not lie behind what is long. */
type Outcome = Pick<Run, 'summary' | 'error' | 'outputError' | 'retries' | 'resumedAt'> & { readonly usage?: Usage };

export function originText(run: Run): string | null {
  const { priority, parent, sharedBudgets, rerunOf, trace, callback, ownWorkflow, tags, metadata } = run;
  const isAlone = parent === undefined && sharedBudgets === undefined;
  const isBare = isAlone && rerunOf === undefined && trace === undefined && ownWorkflow === undefined;
  const isUnlabelled = tags === undefined && metadata === undefined;
  if (priority === undefined && isBare && isUnlabelled && callback === undefined) return null;
  return JSON.stringify({ priority, parent, sharedBudgets, rerunOf, trace, callback, ownWorkflow, tags, metadata });
}

export function outcomeText(run: Run): string | null {
  const { summary, error, outputError, retries, resumedAt } = run;
  const usage = sumUsage(run) ?? undefined;
  const isPlain = retries === undefined && resumedAt === undefined && usage === undefined;
  if (summary === null && error === null && outputError === null && isPlain) return null;
  return JSON.stringify({ summary, error, outputError, retries, resumedAt, usage });
}

export function toListItem(row: RunListRow): RunListItem {
  const outcome = row.outcome === null ? null : (JSON.parse(row.outcome) as Outcome);
  return {
    id: decodeText(row.id),
    organizationId: decodeText(row.organization_id),
    workflowId: decodeText(row.workflow_id),
    workflowName: decodeText(row.workflow_name),
    workflowVersion: row.workflow_version,
    status: row.status,
    version: row.version,
    creditsReserved: row.credits_reserved,
    creditsConsumed: row.credits_consumed,
    summary: outcome?.summary ?? null,
    error: outcome?.error ?? null,
    outputError: outcome?.outputError ?? null,
    ...(outcome?.retries === undefined ? {} : { retries: outcome.retries }),
    ...(outcome?.resumedAt === undefined ? {} : { resumedAt: outcome.resumedAt }),
    createdAt: row.created_at,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    agentCount: row.agent_count,
    usage: outcome?.usage ?? null,
    ...(row.origin === null ? {} : (JSON.parse(row.origin) as Origin)),
  };
}

/** Characters of JSON. Longer ones are read when somebody looks at them. */
const LONG_OUTPUT = 50_000;

export function toRun(row: RunRow): Run {
  const { agentCount: _agents, usage: _usage, ...record } = toListItem(row);
  const nodes = parseNodes(row.nodes);
  const { output } = row;
  if (output === null) return { ...record, nodes };
  if (output.length > LONG_OUTPUT) return withOutputJson({ ...record, nodes }, output);
  return { ...record, nodes, output: JSON.parse(output) as Json };
}
