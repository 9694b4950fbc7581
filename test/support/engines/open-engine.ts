import { newId } from '../../../src/app/process/new-id.js';
import { nodeClock as clock } from '../../../src/app/process/node-clock.js';
import { describeSource } from '../../../src/app/assembly/workflow-set.js';
import { NodeFailure, type Handler } from '../../../src/core/handlers/node-kind.js';
import { silentLogger as logger } from '../../../src/core/ports/logger.js';
import type { Engine } from '../../../src/core/ports/engine.js';
import type { Store } from '../../../src/core/ports/store/store.js';
import { NO_LIMITS } from '../../../src/core/tenant/scheduling.js';
import { nodeKinds } from '../../../src/nodes/registry.js';
import { KEEP_CONTENT } from '../../../src/runner/models/model-content.js';
import { noMcpTools, noModels, noOutbound } from '../../../src/runner/models/no-models.js';
import { RunDriver } from '../../../src/runner/run-driver.js';
import { acceptRun } from '../../../src/service/runs/accept/accept-run.js';
import { createRunEvents, tellEvent } from '../../../src/service/events/send-event.js';
import { DEFAULT_EVENT_KEEP_MS } from '../../../src/core/events/kept-event.js';
import { createChildRuns, type ChildRunsDeps } from '../../../src/service/runs/accept/child-runs.js';
import { createRunRecorder } from '../../../src/service/runs/change/record-run.js';
import { Catalog, type CatalogSource } from '../../../src/service/state/catalog.js';
import type { EngineUnderTest, TestNode } from '../../../src/testing/engine-suite/engine-under-test.js';
import { insertOrganization } from '../../../src/testing/store-suite/fixtures.js';
import { defineWorkflow } from '../../../src/workflow/define-workflow.js';
import { EmbeddedEngine } from '../../../src/engine/embedded/embedded-engine.js';
import type { DriveLimits } from '../../../src/engine/drives/run-drives.js';
import { EmbeddedNotifier } from '../../../src/engine/embedded/embedded-notifier.js';

const FIRST_OF_MONTH = { of: async () => 1, update: () => 1 };

/** An engine, and how it is cut off from what gives it runs. */
export interface MadeEngine {
  readonly engine: Engine;
  cutOff(): Promise<void>;
}

export type CreateEngine = (params: {
  readonly runner: RunDriver;
  readonly maxActiveRuns: number;
}) => Promise<MadeEngine>;

/** What outlives a process. */
interface Shared {
  readonly store: Store;
  readonly createEngine: CreateEngine;
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
  const made = await shared.createEngine({ runner, maxActiveRuns });
  const { engine } = made;
  const deps: ChildRunsDeps = { store, engine, catalog, clock, newId, billingDays: FIRST_OF_MONTH };
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
    trailOf: async ({ id }) => {
      const entries = await store.audit.list({ organizationId, afterSeq: 0, limit: 500 });
      return entries.filter(({ target }) => target.id === id);
    },
    send: async (name, data, key = '') => {
      const event = { organizationId, name, key, data, keepForMs: DEFAULT_EVENT_KEEP_MS, dedupeKey: null };
      return (await tellEvent(deps, event)).waiting;
    },
    cutOff: () => made.cutOff(),
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
    recorder: createRunRecorder({ store, notifier: new EmbeddedNotifier(), newId, billingDays: FIRST_OF_MONTH }),
    children: createChildRuns(depsOf),
    events: createRunEvents(depsOf),
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

/** A process on records of its own. */
export async function openEngine(
  store: Store,
  maxActiveRuns: number,
  createEngine: CreateEngine,
): Promise<EngineUnderTest> {
  const organizationId = await insertOrganization(store);
  return await open({ store, createEngine, organizationId, sources: [], handlers: new Map() }, maxActiveRuns, true);
}

/** Limits that keep nothing back but the number of runs. */
export const fewLimits = (maxActiveRuns: number): DriveLimits => ({
  maxActiveRuns,
  maxCrashes: null,
  maxActiveNodes: null,
  organizationLimits: NO_LIMITS,
  limitsOfWorkflow: () => NO_LIMITS,
  limitsOfResource: () => null,
});

/** An engine that is alone on its records: whoever starts takes all over. */
export const embeddedOn =
  (store: Store): CreateEngine =>
  async ({ runner, maxActiveRuns }) => ({
    engine: new EmbeddedEngine({ store, runner, clock, logger, ...fewLimits(maxActiveRuns) }),
    cutOff: async () => undefined,
  });
