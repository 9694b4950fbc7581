import { describe } from 'vitest';
import { newId } from '../../app/process/new-id.js';
import { nodeClock as clock } from '../../app/process/node-clock.js';
import { describeSource } from '../../app/assembly/workflow-set.js';
import { NodeFailure, type Handler } from '../../core/handlers/node-kind.js';
import { silentLogger as logger } from '../../core/ports/logger.js';
import type { Store } from '../../core/ports/store/store.js';
import { NO_LIMITS } from '../../core/tenant/scheduling.js';
import { nodeKinds } from '../../nodes/registry.js';
import { KEEP_CONTENT } from '../../runner/models/model-content.js';
import { noMcpTools, noModels, noOutbound } from '../../runner/models/no-models.js';
import { RunDriver } from '../../runner/run-driver.js';
import { acceptRun } from '../../service/runs/accept/accept-run.js';
import { createChildRuns, type ChildRunsDeps } from '../../service/runs/accept/child-runs.js';
import { createRunRecorder } from '../../service/runs/change/record-run.js';
import { Catalog, type CatalogSource } from '../../service/state/catalog.js';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.js';
import { describeChildren } from '../../testing/engine-suite/children.js';
import { describeControl } from '../../testing/engine-suite/control.js';
import { describeDispatch } from '../../testing/engine-suite/dispatch.js';
import type { EngineUnderTest, TestNode } from '../../testing/engine-suite/engine-under-test.js';
import { describeTakeover } from '../../testing/engine-suite/takeover.js';
import { insertOrganization } from '../../testing/store-suite/fixtures.js';
import { defineWorkflow } from '../../workflow/define-workflow.js';
import { EmbeddedEngine } from './embedded-engine.js';
import { EmbeddedNotifier } from './embedded-notifier.js';

/** What outlives a process. */
interface Shared {
  readonly store: Store;
  readonly organizationId: string;
  readonly sources: CatalogSource[];
  /** By workflow and node. */
  readonly handlers: Map<string, Handler>;
}

async function open(shared: Shared, maxActiveRuns: number, isFirst: boolean): Promise<EngineUnderTest> {
  const { store, organizationId, sources } = shared;
  const catalog = new Catalog({ store, clock, kinds: nodeKinds });
  await catalog.replaceAll(sources);
  const runner = createRunner(shared, catalog, () => deps);
  const engine: EmbeddedEngine = new EmbeddedEngine({
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
  const deps: ChildRunsDeps = { store, engine, catalog, clock, newId, billingDay: 1 };
  const define = (nodes: readonly TestNode[]): Promise<string> => defineFor(shared, catalog, nodes);
  return {
    engine,
    define,
    accept: async (nodes) => {
      const plan = await catalog.planOf({ workflowId: await define(nodes), version: 1 });
      const start = { organizationId, plan, input: {}, instruction: null, idempotency: null };
      return await acceptRun(deps, { ...start, assertAccepting: true });
    },
    read: async ({ id: runId }) => {
      const run = await store.runs.get({ organizationId, runId });
      if (run === null) throw new Error(`no run ${runId}`);
      return run;
    },
    openAnother: () => open(shared, maxActiveRuns, false),
    close: async () => {
      await engine.stop({ graceMs: 0 });
      if (isFirst) await store.close();
    },
  };
}

function createRunner({ store, handlers }: Shared, catalog: Catalog, depsOf: () => ChildRunsDeps): RunDriver {
  return new RunDriver({
    store,
    recorder: createRunRecorder({ store, notifier: new EmbeddedNotifier(), newId, billingDay: 1 }),
    children: createChildRuns(depsOf),
    planOf: (version) => catalog.planOf(version),
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
}

async function defineFor({ sources, handlers }: Shared, catalog: Catalog, nodes: readonly TestNode[]): Promise<string> {
  const id = `w${sources.length + 1}`;
  const workflow = defineWorkflow({ id, name: 'W', description: 'A workflow', nodes });
  for (const [nodeId, handler] of Object.entries(workflow.functions)) handlers.set(`${id}/${nodeId}`, handler);
  sources.push(describeSource(workflow, nodeKinds));
  await catalog.replaceAll(sources);
  return id;
}

async function make({ maxActiveRuns }: { readonly maxActiveRuns: number }): Promise<EngineUnderTest> {
  const store = await openSqliteStore({ path: ':memory:' });
  const organizationId = await insertOrganization(store);
  return await open({ store, organizationId, sources: [], handlers: new Map() }, maxActiveRuns, true);
}

describe('EmbeddedEngine', () => {
  describeDispatch(make);
  describeControl(make);
  describeChildren(make);
  describeTakeover(make);
});
