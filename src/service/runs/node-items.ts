import { ErrandError } from '../../core/errors.js';
import type { RunEvent } from '../../core/run/events.js';
import { logPages } from '../../core/ports/store/log-pages.js';
import type { Principal } from '../../core/tenant/principal.js';
import { rootOf } from '../../core/run/paths/node-path.js';
import { estimateEventLength } from '../../runner/log/split-commit.js';
import { parseItemKey } from '../../core/run/step-keys.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { getRun } from './runs.js';
import type { ListNodeItemsParams, NodeItem, NodeItems } from '../interface/services.js';

/** An answer ends with the item that brings it to so many characters of JSON, about. */
const MAX_LENGTH = 1024 * 1024;

/** Reads the items from the run's log: they are kept nowhere else. */
export async function listNodeItems(
  deps: ServiceDeps,
  caller: Principal,
  params: ListNodeItemsParams,
): Promise<NodeItems> {
  const { runId, nodeId, status, limit } = params;
  const run = await getRun(deps, caller, runId);
  // Of a node inside another one, nothing but the log may tell any more.
  if (!run.nodes.some(({ id }) => id === rootOf(nodeId))) {
    throw new ErrandError('not_found', `The run has no node ${JSON.stringify(nodeId)}.`);
  }
  const items: NodeItem[] = [];
  let length = 0;
  for await (const events of logPages(deps.store, { runId, afterSeq: params.afterSeq })) {
    for (const event of events) {
      const item = toNodeItem(event, nodeId);
      if (item === null || (status !== undefined && item.outcome.status !== status)) continue;
      items.push(item);
      length += estimateEventLength(event);
      if (items.length === limit || length >= MAX_LENGTH) return { items, nextAfterSeq: event.seq };
    }
  }
  return { items, nextAfterSeq: null };
}

function toNodeItem(event: RunEvent, nodeId: string): NodeItem | null {
  if (event.kind === 'node.round' && event.nodeId === nodeId) {
    const { round, output, seq, at } = event;
    return { index: round, attempt: 1, outcome: { status: 'completed', output }, seq, at };
  }
  if (event.kind !== 'step.completed' || event.nodeId !== nodeId) return null;
  const place = parseItemKey(event.key);
  return place === null
    ? null
    : { index: place.index, attempt: place.attempt, outcome: event.outcome, seq: event.seq, at: event.at };
}
