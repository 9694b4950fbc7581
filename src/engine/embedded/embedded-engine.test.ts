import { describe } from 'vitest';
import { nodeClock } from '../../app/process/node-clock.js';
import { newId } from '../../app/process/new-id.js';
import { NodeFailure, type Handler } from '../../core/handlers/node-kind.js';
import { silentLogger } from '../../core/ports/logger.js';
import { FIRST_EPOCH } from '../../core/ports/store/run-store.js';
import type { Store } from '../../core/ports/store/store.js';
import { pendingNode } from '../../core/run/node-execution.js';
import { pendingRun, type Run } from '../../core/run/run.js';
import { NO_LIMITS } from '../../core/tenant/scheduling.js';
import { nodeKinds } from '../../nodes/registry.js';
import { KEEP_CONTENT } from '../../runner/models/model-content.js';
import { noMcpTools, noModels, noOutbound } from '../../runner/models/no-models.js';
import type { ChildRuns } from '../../runner/ports/child-runs.js';
import { RunDriver } from '../../runner/run-driver.js';
import { createRunRecorder } from '../../service/runs/change/record-run.js';
import { RunFeed } from '../../service/state/run-feed.js';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.js';
import { describeControl } from '../../testing/engine-suite/control.js';
import { describeDispatch } from '../../testing/engine-suite/dispatch.js';
import type { EngineUnderTest, TestNode } from '../../testing/engine-suite/engine-under-test.js';
import { describeTakeover } from '../../testing/engine-suite/takeover.js';
import { insertOrganization } from '../../testing/store-suite/fixtures.js';
import { createPlan } from '../../workflow/create-plan.js';
import { defineWorkflow } from '../../workflow/define-workflow.js';
import type { Plan } from '../../workflow/plan/plan.js';
import { EmbeddedEngine } from './embedded-engine.js';

/** What outlives a process. */
interface Shared {
  readonly store: Store;
  readonly organizationId: string;
  readonly plans: Map<string, Plan>;
  readonly handlers: Map<string, Handler>;
}

const noChildren: ChildRuns = {
  start: () => Promise.reject(new Error('These runs start none')),
  describe: () => null,
  get: async () => null,
  cancel: async () => undefined,
};

function open(shared: Shared, maxActiveRuns: number, isFirst: boolean): EngineUnderTest {
  const { store, organizationId, plans, handlers } = shared;
  const clock = nodeClock;
  const logger = silentLogger;
  const runner = new RunDriver({
    store,
    recorder: createRunRecorder({ store, feed: new RunFeed(), newId }),
    children: noChildren,
    planOf: async ({ workflowId }) => {
      const plan = plans.get(workflowId);
      if (plan === undefined) throw new Error(`no workflow ${workflowId}`);
      return plan;
    },
    resolveHandler: (ref) => {
      const handler = handlers.get(ref.kind === 'inline' ? `${ref.workflowId}/${ref.nodeId}` : '');
      if (handler === undefined) throw new NodeFailure('no such function', { kind: 'handler_missing' });
      return handler;
    },
    clock,
    random: () => 0,
    logger,
    models: noModels,
    content: KEEP_CONTENT,
    mcp: noMcpTools,
    outbound: noOutbound,
    maxCrashes: null,
  });
  const engine = new EmbeddedEngine({
    store,
    runner,
    clock,
    logger,
    maxActiveRuns,
    maxCrashes: null,
    maxActiveNodes: null,
    organizationLimits: NO_LIMITS,
    limitsOfWorkflow: () => NO_LIMITS,
    limitsOfResource: () => null,
  });
  return {
    engine,
    accept: (nodes) => accept(shared, engine, nodes),
    read: async ({ id: runId }) => {
      const run = await store.runs.get({ organizationId, runId });
      if (run === null) throw new Error(`no run ${runId}`);
      return run;
    },
    openAnother: async () => open(shared, maxActiveRuns, false),
    close: async () => {
      await engine.stop({ graceMs: 0 });
      if (isFirst) await store.close();
    },
  };
}

async function accept(shared: Shared, engine: EmbeddedEngine, nodes: readonly TestNode[]): Promise<Run> {
  const { store, organizationId, plans, handlers } = shared;
  const workflowId = `w${plans.size + 1}`;
  const { definition, functions } = defineWorkflow({
    id: workflowId,
    name: 'W',
    description: 'A workflow',
    nodes,
  });
  const refs = Object.keys(functions).map((nodeId) => [nodeId, { kind: 'inline', workflowId, nodeId } as const]);
  for (const [nodeId, handler] of Object.entries(functions)) handlers.set(`${workflowId}/${nodeId}`, handler);
  const plan = createPlan({ definition, version: 1, handlers: Object.fromEntries(refs), kinds: nodeKinds });
  plans.set(workflowId, plan);
  const createdAt = nodeClock.now();
  const run = pendingRun({
    id: newId(),
    organizationId,
    workflowId,
    workflowName: 'W',
    workflowVersion: 1,
    creditsReserved: 0,
    createdAt,
    nodes: plan.nodes.map(({ id, kind }) => pendingNode({ id, kind: kind.kind })),
  });
  const start = { input: {}, instruction: null };
  await store.runs.commit({
    run,
    events: [{ kind: 'run.created', ...start, seq: 1, at: createdAt }],
    epoch: FIRST_EPOCH,
    created: { idempotency: null, childKey: null },
    movement: null,
    usage: [],
    rewritten: [],
  });
  await engine.dispatch({ run, epoch: FIRST_EPOCH, start });
  return run;
}

async function make({ maxActiveRuns }: { readonly maxActiveRuns: number }): Promise<EngineUnderTest> {
  const store = await openSqliteStore({ path: ':memory:' });
  const organizationId = await insertOrganization(store);
  return open({ store, organizationId, plans: new Map(), handlers: new Map() }, maxActiveRuns, true);
}

describe('EmbeddedEngine', () => {
  describeDispatch(make);
  describeControl(make);
  describeTakeover(make);
});
