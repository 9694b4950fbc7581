import type { WaitReasons } from '../../core/ports/engine.js';
import type { Overview, OverviewWait } from '../../core/estimates/overview.js';
import { listExecutions, type NodeExecution } from '../../core/run/node-execution.js';
import { RUN_STATUSES, type Run, type RunStatus } from '../../core/run/run.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { requireScope } from '../use-case/require-scope.js';

/** Of the unfinished runs, the newest are looked at. */
const MAX_LOOKED_AT = 100;
/** Of one run, as many nodes that wait are told. */
const MAX_NODES = 10;

/** How many runs stand how, and what the newest of those that go on wait for. However many there are, it costs the same. */
export async function readOverview(deps: ServiceDeps, caller: Principal): Promise<Overview> {
  requireScope(caller, 'read');
  const { organizationId } = caller;
  const counts = await Promise.all(
    RUN_STATUSES.map(async (status): Promise<readonly [RunStatus, number]> => {
      const { total } = await deps.store.runs.list({ organizationId, status, limit: 1, offset: 0 });
      return [status, total];
    }),
  );
  const { runs: unfinished } = await deps.store.runs.search({
    organizationId,
    statuses: ['pending', 'running'],
    workflowId: null,
    terms: [],
    createdFrom: null,
    createdBefore: null,
    beforeId: null,
    limit: MAX_LOOKED_AT,
    looksAt: MAX_LOOKED_AT,
  });
  const waits = await Promise.all(unfinished.map(({ id }) => readWaits(deps, { organizationId, runId: id })));
  return {
    counts: Object.fromEntries(counts) as Record<RunStatus, number>,
    waits: waits.flat(),
    lookedAt: unfinished.length,
  };
}

async function readWaits(
  { store, engine }: ServiceDeps,
  key: { readonly organizationId: string; readonly runId: string },
): Promise<readonly OverviewWait[]> {
  const run = await store.runs.get(key);
  if (run === null) return [];
  const held = await engine.explainWaits({ runId: run.id });
  const nodes = listExecutions(run.nodes).flatMap((node) => waitOf(run, node, held));
  if (held.run === null) return nodes.slice(0, MAX_NODES);
  const own = { run, nodeId: null, label: null, waitsFor: 'turn', reason: held.run, until: null } as const;
  return [own, ...nodes.slice(0, MAX_NODES)];
}

function waitOf(run: Run, node: NodeExecution, held: WaitReasons): readonly OverviewWait[] {
  const { id: nodeId, label, waitingFor, waitingUntil: until } = node;
  const place = { run, nodeId, label };
  if (waitingFor === 'nodes') return [];
  if (node.status === 'waiting' && waitingFor !== undefined) {
    return [{ ...place, waitsFor: waitingFor, reason: reasonOf(node), until }];
  }
  const reason = held.nodes.get(nodeId);
  return reason === undefined ? [] : [{ ...place, waitsFor: 'turn', reason, until: null }];
}

function reasonOf({ question, event, error }: NodeExecution): string | null {
  return question?.message ?? event?.name ?? error?.message ?? null;
}
