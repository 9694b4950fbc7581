import type { Principal } from '../../core/tenant/principal.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { isWithin } from '../../core/run/paths/node-path.js';
import { readRunLog } from './read-run-log.js';
import { getRun } from './runs.js';
import type { NodeOutput } from '../interface/services.js';

/** Reads the outputs from the run's log: they are kept nowhere else. */
export async function* listNodeOutputs(
  deps: ServiceDeps,
  caller: Principal,
  runId: string,
): AsyncGenerator<NodeOutput> {
  const run = await getRun(deps, caller, runId);
  const kept = run.retries === undefined ? null : await findKeptCompletions(deps, runId);
  for await (const event of readRunLog(deps, runId)) {
    if (event.kind !== 'node.completed') continue;
    if (kept === null || kept.has(event.seq)) yield { nodeId: event.nodeId, output: event.output };
  }
}

/** The completions, by their sequence numbers, that no retry has taken back, of the run or of a node in it. */
async function findKeptCompletions(deps: ServiceDeps, runId: string): Promise<ReadonlySet<number>> {
  const holding = new Map<string, number>();
  for await (const event of readRunLog(deps, runId)) {
    if (event.kind === 'node.completed') holding.set(event.nodeId, event.seq);
    if (event.kind !== 'run.retried' && event.kind !== 'node.reopened') continue;
    for (const nodeId of [...event.resumed, ...event.reset]) holding.delete(nodeId);
    if (event.reset.length === 0) continue;
    for (const path of holding.keys()) if (event.reset.some((reset) => isWithin(path, reset))) holding.delete(path);
  }
  return new Set(holding.values());
}
