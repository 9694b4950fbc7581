import type { ApiNode, ApiRun } from '@api/api-types.js';
import { completeNode } from '@api/client/brief-nodes.js';
import { isNodeEnded } from '@core/run/node-execution.js';
import { isInnerPath } from '@core/run/paths/node-path.js';
import type { NodeHistory, RunHistory } from './history.js';

/** The nodes inside others that the run's record has, by their paths: those that are at work, and those that stay. */
export function listInner({ nodes }: ApiRun): ReadonlyMap<string, ApiNode> {
  const found = new Map<string, ApiNode>();
  for (const { inner } of nodes) for (const node of inner) found.set(node.id, node);
  return found;
}

/** A node inside another one as the log has it: the record has it no more, or not yet. */
function innerNode(path: string, kind: string, history: NodeHistory | undefined): ApiNode {
  return completeNode({
    id: path,
    kind,
    status: history?.status ?? 'pending',
    attempt: history?.attempts.at(-1)?.number ?? 0,
    progress: history?.status === 'completed' ? 100 : 0,
    error: history?.error ?? null,
    started_at: history?.attempts[0]?.from ?? null,
    completed_at: history?.attempts.at(-1)?.to ?? null,
  });
}

/** The same with what the record has of it, which lags behind once it has ended. */
export function knownInner(
  path: string,
  record: ApiNode | undefined,
  { kind, history }: { readonly kind: string; readonly history: NodeHistory | undefined },
): ApiNode {
  const inLog = innerNode(path, kind, history);
  if (record === undefined) return inLog;
  if (history === undefined || !isNodeEnded(history.status)) return record;
  const { status, error, completed_at } = inLog;
  return { ...record, status, error, completed_at };
}

/** A node of the run, wherever it stands; undefined when the run has none of that path, or none yet. */
export function findNode(run: ApiRun, history: RunHistory, path: string | null | undefined): ApiNode | undefined {
  if (path === null || path === undefined) return undefined;
  if (!isInnerPath(path)) return run.nodes.find(({ id }) => id === path);
  const record = listInner(run).get(path);
  const inLog = history.nodes.get(path);
  if (record === undefined && inLog === undefined) return undefined;
  return knownInner(path, record, { kind: inLog?.kind ?? '', history: inLog });
}
