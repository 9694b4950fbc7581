import { isTerminal, type RunStatus } from '../../../../core/run/run.js';
import type { ListRunsQuery } from '../../../../core/ports/store/run-store.js';
import type { SqlValue } from '../../connection/binding.js';
import { encodeText } from '../../connection/text.js';

interface Sql {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

export const LISTED = `id, organization_id, workflow_id, workflow_version, workflow_name, status, version, credits_reserved,
  credits_consumed, agent_count, created_at, started_at, completed_at, origin, outcome`;

/** The conditions of the partial indexes, word for word, as SQLite compares them so. */
export const UNFINISHED = "status IN ('pending', 'running')";
export const ENDED = "status NOT IN ('pending', 'running')";

export function isUnfinished(status: RunStatus): boolean {
  return !isTerminal(status);
}

/**
 * A page of runs, newest first. Which runs those are is found in an index alone, so that a page costs the same in a
 * file of a million runs, and the runs skipped by an offset are never read.
 */
export function listRunsSql(query: ListRunsQuery): Sql {
  const { filter, values } = buildFilter(query);
  const page = `SELECT id FROM runs INDEXED BY ${indexFor(query)} WHERE ${filter} ORDER BY id DESC LIMIT ? OFFSET ?`;
  return {
    sql: `SELECT ${LISTED} FROM runs WHERE id IN (${page}) ORDER BY id DESC`,
    values: [...values, query.limit, query.offset],
  };
}

export function countRunsSql(query: ListRunsQuery): Sql {
  const { columns, values } = buildConditions(query);
  return { sql: `SELECT coalesce(sum(count), 0) AS total FROM run_counts WHERE ${columns.join(' AND ')}`, values };
}

export function indexFor({ status, workflowId }: Pick<ListRunsQuery, 'status' | 'workflowId'>): string {
  if (status === undefined) return workflowId === undefined ? 'runs_of_organization' : 'runs_of_workflow';
  if (!isTerminal(status)) return 'runs_unfinished';
  return workflowId === undefined ? 'runs_ended' : 'runs_ended_of_workflow';
}

function buildFilter(query: ListRunsQuery): { filter: string; values: SqlValue[] } {
  const { columns, values } = buildConditions(query);
  if (query.status !== undefined) columns.push(isTerminal(query.status) ? ENDED : UNFINISHED);
  if (query.beforeId !== undefined) {
    columns.push('id < ?');
    values.push(encodeText(query.beforeId));
  }
  return { filter: columns.join(' AND '), values };
}

function buildConditions({ organizationId, status, workflowId }: ListRunsQuery): {
  columns: string[];
  values: SqlValue[];
} {
  const columns = ['organization_id = ?'];
  const values: SqlValue[] = [encodeText(organizationId)];
  if (workflowId !== undefined) {
    columns.push('workflow_id = ?');
    values.push(encodeText(workflowId));
  }
  if (status !== undefined) {
    columns.push('status = ?');
    values.push(status);
  }
  return { columns, values };
}
