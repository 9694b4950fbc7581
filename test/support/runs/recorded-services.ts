import { createKeyMaker } from '../../../src/auth/api-keys.js';
import { newId } from '../../../src/app/process/new-id.js';
import { nodeClock } from '../../../src/app/process/node-clock.js';
import type { WorkflowRecord } from '../../../src/core/workflow/definition.js';
import type { Json } from '../../../src/core/json.js';
import { silentLogger } from '../../../src/core/ports/logger.js';
import { FIRST_EPOCH } from '../../../src/core/ports/store/run-store.js';
import type { Store } from '../../../src/core/ports/store/store.js';
import { applyEvent } from '../../../src/core/run/apply-event.js';
import { toMonth } from '../../../src/core/run/credits.js';
import type { RunEvent, RunEventBody } from '../../../src/core/run/events.js';
import { isTerminal, type Run } from '../../../src/core/run/run.js';
import { NO_LIMITS } from '../../../src/core/tenant/scheduling.js';
import type { Notifier } from '../../../src/core/ports/notifier.js';
import { EmbeddedEngine } from '../../../src/engine/embedded/embedded-engine.js';
import { EmbeddedNotifier } from '../../../src/engine/embedded/embedded-notifier.js';
import { nodeKinds } from '../../../src/nodes/registry.js';
import { KEEP_CONTENT } from '../../../src/runner/models/model-content.js';
import { noMcpTools, noModels, noOutbound } from '../../../src/runner/models/no-models.js';
import type { RunRecorder } from '../../../src/runner/ports/recorder.js';
import { RunDriver } from '../../../src/runner/run-driver.js';
import { createServices } from '../../../src/service/create-services.js';
import type { Services } from '../../../src/service/interface/services.js';
import { createChildRuns } from '../../../src/service/runs/accept/child-runs.js';
import { createRunRecorder } from '../../../src/service/runs/change/record-run.js';
import { reserveCredits } from '../../../src/service/billing/ledger.js';
import { BillingDays } from '../../../src/service/billing/billing-days.js';
import { Catalog } from '../../../src/service/state/catalog.js';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.js';
import { CREATED_AT } from './sample-records.js';

/** Organizations that there are from the beginning. */
const ORGANIZATIONS = ['org-a', 'org-b'];

/** What a test can do besides what callers can. */
export interface RecordedServices extends Services {
  /** Keeps a run as it is; one that has not ended waits for its turn, which never comes. */
  put(run: Run): Promise<Run>;
  /** Adds to a run's log, and so to its record. */
  append(runId: string, body: RunEventBody): Promise<void>;
  /** The newest run of `org-a`, with what it was started with. */
  newest(): Promise<{ readonly run: Run; readonly input: Json; readonly instruction: string | null } | null>;
  /** How many runs `org-a` has. */
  count(): Promise<number>;
  /** How many callers wait for a run to change. */
  readonly waiters: number;
  /** The monthly credits of `org-a`. */
  setMonthlyLimit(credits: number): Promise<void>;
  /** Takes these instead of the workflows that were there. */
  replaceWorkflows(workflows: readonly WorkflowRecord[]): Promise<void>;
  /** Has a service fail, or answer, in this way until `renew`. */
  stub<Name extends keyof Services>(name: Name, call: Services[Name]): void;
  /** Begins again with an empty store. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The real services over a real store in memory, and a real engine that lets no run become active: a run stays where a
 * test puts it, until it is cancelled or answered.
 */
export async function openRecordedServices(workflows: readonly WorkflowRecord[]): Promise<RecordedServices> {
  let known = workflows;
  let parts = await wireParts(known);
  const stubs = new Map<string, unknown>();
  const own: Omit<RecordedServices, keyof Services> = {
    put: (run) => put(parts, run),
    append: (runId, body) => append(parts, runId, body),
    newest: () => newest(parts),
    count: async () => (await listRuns(parts)).total,
    get waiters() {
      return parts.notifier.waiters;
    },
    setMonthlyLimit: (credits) => setMonthlyLimit(parts.store, 'org-a', credits),
    replaceWorkflows: async (others) => {
      known = others;
      await fill(parts.catalog, known);
    },
    stub: (name, call) => void stubs.set(name, call),
    renew: async () => {
      stubs.clear();
      await parts.close();
      parts = await wireParts(known);
    },
    close: () => parts.close(),
  };
  const find = (name: string): unknown =>
    Object.hasOwn(own, name)
      ? own[name as keyof typeof own]
      : (stubs.get(name) ?? parts.services[name as keyof Services]);
  return new Proxy({} as RecordedServices, { get: (_, name) => (name === 'then' ? undefined : find(String(name))) });
}

type Parts = Awaited<ReturnType<typeof wireParts>>;

async function wireParts(workflows: readonly WorkflowRecord[]) {
  const [clock, logger, notifier] = [nodeClock, silentLogger, new CountingNotifier()];
  const store = await openSqliteStore({ path: ':memory:' });
  for (const id of ORGANIZATIONS) await insertOrganization(store, id);
  const catalog = new Catalog({ store, clock: { ...clock, now: () => CREATED_AT }, kinds: nodeKinds });
  await fill(catalog, workflows);
  const billingDays = new BillingDays({ store, clock, defaultDay: 1 });
  const recorder = createRunRecorder({ store, notifier, newId, billingDays });
  const engine = wireIdleEngine({ store, catalog, recorder, billingDays });
  const parts = {
    store,
    engine,
    catalog,
    notifier,
    keys: createKeyMaker(),
    clock,
    newId,
    billingDays,
    logger,
  };
  const services = createServices(parts);
  const close = async (): Promise<void> => {
    await engine.stop({ graceMs: 0 });
    await store.close();
  };
  return { store, notifier, catalog, recorder, engine, services, close };
}

function wireIdleEngine(parts: {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly recorder: RunRecorder;
  readonly billingDays: BillingDays;
}): EmbeddedEngine {
  const { store, catalog, recorder, billingDays } = parts;
  const common = { store, clock: nodeClock, logger: silentLogger, maxCrashes: null };
  const runner = new RunDriver({
    ...common,
    recorder,
    children: createChildRuns(() => ({ store, engine, catalog, clock: nodeClock, newId, billingDays })),
    planOf: (version) => catalog.planOf(version),
    resolveHandler: () => {
      throw new Error('Nothing is to be run here');
    },
    random: () => 0,
    models: noModels,
    content: KEEP_CONTENT,
    mcp: noMcpTools,
    outbound: noOutbound,
  });
  const engine: EmbeddedEngine = new EmbeddedEngine({
    ...common,
    runner,
    maxActiveRuns: 0,
    maxActiveNodes: null,
    organizationLimits: NO_LIMITS,
    limitsOfWorkflow: () => NO_LIMITS,
    limitsOfResource: () => null,
  });
  return engine;
}

async function fill(catalog: Catalog, workflows: readonly WorkflowRecord[]): Promise<void> {
  await catalog.replaceAll(
    workflows.map(({ version: { definition, handlers } }) => ({
      definition,
      handlers,
      hash: JSON.stringify(definition),
    })),
  );
}

async function insertOrganization(store: Store, id: string): Promise<void> {
  await store.organizations.insert({ id, slug: id, name: id, createdAt: nodeClock.now() });
  await setMonthlyLimit(store, id, 100);
}

async function setMonthlyLimit(store: Store, organizationId: string, monthlyLimit: number): Promise<void> {
  await store.credits.setLimit({ organizationId, monthlyLimit, month: toMonth(nodeClock.now()) });
}

async function put(parts: Parts, sample: Run): Promise<Run> {
  const { store, engine } = parts;
  const key = { organizationId: sample.organizationId, runId: sample.id };
  const { monthlyLimit } = (await store.credits.getAccount(key)) ?? { monthlyLimit: 0 };
  const run: Run = { ...sample, version: 1 };
  const begun = isTerminal(run.status) ? toUnfinished(run) : run;
  // What is put there is paid for, however much it is.
  await setMonthlyLimit(store, run.organizationId, monthlyLimit + run.creditsReserved + 1_000_000);
  await store.runs.commit({
    run: begun,
    events: [{ kind: 'run.created', input: {}, instruction: null, seq: 1, at: run.createdAt }],
    epoch: FIRST_EPOCH,
    created: { idempotency: null, childKey: null },
    movement: reserveCredits(begun, { id: newId(), at: nodeClock.now(), billingDay: 1 }),
    usage: [],
    rewritten: [],
  });
  await setMonthlyLimit(store, run.organizationId, monthlyLimit);
  if (begun === run) await engine.dispatch({ run, epoch: null, start: null });
  else await record(parts, { ...run, version: 2 }, { ...endOf(run), seq: 2, at: run.completedAt ?? run.createdAt });
  return (await store.runs.get(key)) ?? run;
}

function toUnfinished(run: Run): Run {
  const { output: _, ...rest } = run;
  return { ...rest, status: 'running', creditsConsumed: 0, completedAt: null, error: null, outputError: null };
}

function endOf({ status, output = null, outputError, summary, error, creditsConsumed }: Run): RunEventBody {
  if (status === 'completed') return { kind: 'run.completed', output, summary, creditsConsumed };
  if (status === 'partial_complete') {
    return { kind: 'run.partially_completed', output, outputError, summary, creditsConsumed };
  }
  if (status === 'failed')
    return { kind: 'run.failed', error: error ?? { kind: 'error', message: 'It failed.', nodeId: 'crawl' } };
  return { kind: 'run.cancelled', reason: 'enough' };
}

async function append(parts: Parts, runId: string, body: RunEventBody): Promise<void> {
  const run = await findRun(parts, runId);
  const event: RunEvent = { ...body, seq: run.version + 1, at: run.createdAt + run.version };
  await record(parts, applyEvent(run, event), event);
}

async function findRun({ store }: Parts, runId: string): Promise<Run> {
  for (const organizationId of ORGANIZATIONS) {
    const run = await store.runs.get({ organizationId, runId });
    if (run !== null) return run;
  }
  throw new Error(`There is no run ${runId}`);
}

/** As a driver that takes the run over. */
async function record({ store, recorder }: Parts, run: Run, event: RunEvent): Promise<void> {
  const begun = await store.runs.beginDrive({ organizationId: run.organizationId, runId: run.id });
  const outcome = await recorder.record({ run, events: [event], epoch: begun?.epoch ?? FIRST_EPOCH });
  if (outcome !== 'kept') throw new Error(`The event was not kept: ${outcome}`);
}

async function listRuns({ store }: Parts) {
  return store.runs.list({ organizationId: 'org-a', limit: 1, offset: 0 });
}

async function newest(parts: Parts) {
  const [listed] = (await listRuns(parts)).runs;
  if (listed === undefined) return null;
  const given = await parts.store.log.getInput({ runId: listed.id });
  return { run: await findRun(parts, listed.id), input: given?.input ?? null, instruction: given?.instruction ?? null };
}

/** Counts who listens. */
class CountingNotifier extends EmbeddedNotifier {
  waiters = 0;

  override subscribe(params: Parameters<Notifier['subscribe']>[0]): () => void {
    const unsubscribe = super.subscribe(params);
    this.waiters += 1;
    return () => {
      this.waiters -= 1;
      unsubscribe();
    };
  }
}
