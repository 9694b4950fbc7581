import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createRateLimiter } from '../../auth/limits/rate-limit.js';
import { createKeyMaker } from '../../auth/api-keys.js';
import type { DryRuns } from '../../core/workflow/dry-run.js';
import type { Clock } from '../../core/ports/clock.js';
import { ErrandError, errorMessage } from '../../core/errors.js';
import { untilReadable } from '../../core/time/until-readable.js';
import type { Isolation } from '../../core/ports/isolation.js';
import type { KeyMaker } from '../../core/ports/key-maker.js';
import { Mutex } from '../../core/mutex.js';
import { silentLogger, type Logger } from '../../core/ports/logger.js';
import { KEEP_ALL, type RetentionRule } from '../../core/run/retention.js';
import type { ResourceLimits } from '../../core/tenant/scheduling.js';
import type { ModelsConfig } from '../../core/models/models-config.js';
import type { Durability, Store } from '../../core/ports/store/store.js';
import { ProcessIsolation } from '../../isolation/process-isolation.js';
import type { HandlerWorkers } from '../../isolation/handlers/handler-workers.js';
import type { HandlerStore } from '../../loader/bundles/handler-store.js';
import type { NodeKind } from '../../core/handlers/node-kind.js';
import type { ConfiguredModels } from '../../models/create-models.js';
import type { CheckBySchema } from '../../mcp-client/connection.js';
import { createMcpTools, type McpClientTools } from '../../mcp-client/mcp-tools.js';
import type { OpenOutbound } from '../../outbound/create-outbound.js';
import { newId } from '../process/new-id.js';
import { nodeClock } from '../process/node-clock.js';
import { networkFileSystemAt } from '../process/network-file-system.js';
import { keepPrivate } from '../process/private-data.js';
import { nodeKinds } from '../../nodes/registry.js';
import { ensureDefaultOrganization } from '../../service/organizations/bootstrap.js';
import { BundleSweeper } from '../../service/background/bundle-sweeper.js';
import { BillingDays } from '../../service/billing/billing-days.js';
import { Catalog } from '../../service/state/catalog.js';
import { createServices } from '../../service/create-services.js';
import { KeyWatch } from '../../service/state/key-watch.js';
import { BulkWorker } from '../../service/runs/bulk/bulk-worker.js';
import { Changes } from '../../service/state/changes.js';
import { DeclaredSchedules } from '../../service/background/declared-schedules.js';
import { createCreditAlerts } from '../../service/billing/credit-alerts.js';
import { EventSweeper } from '../../service/background/event-sweeper.js';
import { WebhookSender } from '../../service/background/webhook-sender.js';
import { WebhookRegistry } from '../../service/state/webhook-registry.js';
import { createDeliveryWriter } from '../../service/webhooks/delivery-writer.js';
import type { PublishedWorkflows } from '../../service/background/published-workflows.js';
import { Scheduler } from '../../service/background/scheduler.js';
import { TokenRenewal } from '../../service/state/token-renewal.js';
import { SecretValues } from '../../service/state/secret-values.js';
import { SeenSecrets } from '../../core/secrets/seen-secrets.js';
import { createOutsideSecrets } from '../../auth/secrets/outside-secrets.js';
import { Housekeeper } from '../../service/background/housekeeper.js';
import type { Services } from '../../service/interface/services.js';
import { findForeignProblems } from '../../workflow/schema/check-foreign.js';
import { EXPRESSION_TIME_MS } from '../../workflow/template/jsonata.js';
import { observeCommits } from '../../telemetry/observe-commits.js';
import type { Telemetry } from '../../telemetry/otel/create-telemetry.js';
import type { ServerMetrics } from '../../telemetry/metrics/server-metrics.js';
import { readVersion } from '../process/version.js';
import type { RawSettings } from '../config/environment.js';
import { type HandlerOptions, openHandlers } from './open-handlers.js';
import type { ClusterOptions, OpenedRecords } from '../cluster/cluster.js';
import { openPublished, openRecords, webhookHints } from './open-records.js';
import { type CountedEngine, type EngineOptions, wireEngine } from './wire-engine.js';
import type { SignInParts } from './wire-oauth.js';
import { wireHooks } from './wire-hooks.js';
import { wireModels, type ModelsOptions } from './wire-models.js';
import { wireOutbound, type OutboundOptions } from '../config/wire-outbound.js';

/** The parts of a running Errand, wired together. */
export interface Assembly {
  readonly services: Services;
  /** For an authorization server. */
  readonly signIn: SignInParts;
  readonly store: Store;
  readonly catalog: Catalog;
  readonly handlers: HandlerStore;
  /** Where handlers of files run. */
  readonly workers: HandlerWorkers;
  readonly keys: KeyMaker;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly logger: Logger;
  readonly housekeeper: Housekeeper;
  /**
   * Whoever loads workflows once it has started takes a turn, from the first file that is read until the catalog has
   * them.
   */
  readonly loading: Mutex;
  /** What is published in the store; `refresh` it before anybody asks for workflows. */
  readonly published: PublishedWorkflows;
  /** The tools of other MCP servers; none before it is configured. */
  readonly mcp: McpClientTools;
  readonly listProcesses: OpenedRecords['listProcesses'];
  /** The data folder; a temporary one for `:memory:`. */
  readonly dataDir: string;
  readonly defaultOrganizationId: string;
  /** Goes on with another models.yaml. */
  setModels(config: ModelsConfig): void;
  /** Declares the resources again. */
  setResources(resources: ReadonlyMap<string, ResourceLimits>): void;
  /** Resumes unfinished runs; call it once the catalog is filled. */
  start(): Promise<void>;
  /** Lets running nodes finish for `graceMs`, then leaves the rest to be resumed, and closes the store. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

export interface AssemblyOptions extends EngineOptions {
  /** A folder, made when missing, or `:memory:`. */
  readonly data: string;
  readonly durability?: Durability;
  /** Records are in a database that several processes share; in the data folder when not given. */
  readonly cluster?: ClusterOptions | null;
  readonly monthlyCredits: number;
  /** The day of the month, 1 to 28, on which billing cycles begin; the first when not given. */
  readonly billingDay?: number;
  readonly resources?: ReadonlyMap<string, ResourceLimits>;
  /** Holds for organizations without a rule of their own. All runs are kept when not given. */
  readonly retention?: RetentionRule;
  /** How long audit trails are kept; for ever when null or not given. */
  readonly keepAuditForMs?: number | null;
  /** Whether they have each run that somebody starts; not when not given. */
  readonly auditStarts?: boolean;
  readonly models?: ModelsOptions;
  readonly outbound?: OutboundOptions;
  /** The time; the machine's when not given. */
  readonly clock?: Clock;
  /** Where what MCP servers are given is looked up, before this process's own environment. */
  readonly environment?: RawSettings;
  /** The folder with a file for each secret of workflows. */
  readonly secretsDir?: string | null;
  readonly handlers?: HandlerOptions;
  /** How long an expression may compute. */
  readonly expressionTimeMs?: number;
  readonly logger?: Logger;
  /** Runs definitions that are being written; nothing does when not given. */
  readonly dryRuns?: DryRuns;
  /** What stands in for the node kinds and models when a workflow is tried; nothing then goes on by itself but runs. */
  readonly trial?: { readonly kinds: ReadonlyMap<string, NodeKind>; readonly models: ConfiguredModels };
  /** Counts what goes on; nothing does when not given. */
  readonly metrics?: ServerMetrics;
  /** Tells what goes on; nothing does when not given. */
  readonly telemetry?: Telemetry;
}

const CLOSE_GRACE_MS = 5_000;

/** Opens the data folder and wires the rooms. The only place, with app/server.ts, that names adapters. */
export async function assemble(options: AssemblyOptions): Promise<Assembly> {
  const seen = new SeenSecrets();
  const logger = seen.keepOutOf(options.logger ?? silentLogger);
  options.telemetry?.tellCleanly((text) => seen.scrubber.text(text));
  const folder = openDataFolder(options.data);
  keepPrivate(folder.path, logger);
  const { metrics, telemetry, cluster = null, durability = 'full', clock = nodeClock } = options;
  if (cluster === null) warnOfNetwork(folder.path, logger);
  const opened = await openRecords({ databasePath: folder.databasePath, cluster, durability, clock, logger });
  const isObserved = metrics !== undefined || telemetry !== undefined;
  const store = isObserved ? observeCommits(opened.store, { metrics, telemetry }) : opened.store;
  try {
    return await wire(options, logger, folder, { ...opened, store, seen });
  } catch (error) {
    await opened.close();
    await store.close();
    throw error;
  }
}

type Ground = OpenedRecords & { readonly seen: SeenSecrets };

async function wire(options: AssemblyOptions, logger: Logger, folder: DataFolder, records: Ground): Promise<Assembly> {
  const parts = createParts(options, logger, folder, records);
  const { store, catalog, clock, handlers, workers, keys, mcp } = parts;
  let resources = options.resources ?? new Map<string, ResourceLimits>();
  const limitsOfResource = (resource: string): ResourceLimits | null => resources.get(resource) ?? null;
  const engine = wireEngine({
    ...parts,
    ...traceCalls(parts, options.telemetry),
    random: chanceOf(options),
    handlers: parts.resolver,
    bundles: handlers,
    options,
    limitsOfResource,
  });
  options.metrics?.setEngine(() => engine.counts());
  const modelTests = createRateLimiter({ clock, limit: 5, windowMs: 60_000 });
  const changes = { keyWatch: new KeyWatch(clock), schedules: new Changes(), bulkStarts: new Changes() };
  const published = openPublished({ store, catalog, clock, logger, cluster: records.cluster });
  const declared = { resources: () => resources, mcpServers: () => mcp.names() };
  const services = createServices({ ...parts, ...changes, engine, modelTests, published, declared });
  const { organization } = await ensureDefaultOrganization(parts, options);
  catalog.trust(organization.id);
  const loading = new Mutex();
  const jobs = createJobs({ parts, engine, records, services, ...changes, loading, published, options });
  let closing: Promise<void> | null = null;
  return {
    services,
    signIn: { keyWatch: changes.keyWatch, secrets: parts.secrets, fetch: parts.outbound.fetch },
    store,
    catalog,
    handlers,
    workers,
    keys,
    clock,
    newId,
    logger,
    housekeeper: jobs.housekeeper,
    loading,
    published,
    mcp,
    listProcesses: records.listProcesses,
    dataDir: folder.path,
    defaultOrganizationId: organization.id,
    setModels: (config) => parts.models.configure(config),
    setResources: (limits) => {
      resources = limits;
      void engine.limitsChanged(null);
    },
    start: async () => {
      // Before runs go on, so that nobody misses what becomes of them.
      await untilReadable(() => parts.webhooks.registry.load().then(() => published.start()), { clock, logger });
      await engine.start();
      if (options.trial === undefined) await jobs.start();
    },
    close: ({ graceMs = CLOSE_GRACE_MS } = {}) =>
      (closing ??= closeAll({ ...parts, engine, records, jobs: jobs.all, folder, graceMs })),
  };
}

/** A clock that stands still is moved by whole pauses. */
function chanceOf({ trial }: AssemblyOptions): () => number {
  return trial === undefined ? () => Math.random() : () => 0;
}

/** What nodes call that takes long. */
function traceCalls({ models, mcp }: Pick<Parts, 'models' | 'mcp'>, telemetry: Telemetry | undefined) {
  return { models: telemetry?.traceModels(models) ?? models, mcp: telemetry?.traceMcpTools(mcp) ?? mcp };
}

/** What goes on by itself. */
function createJobs(params: {
  readonly parts: Parts;
  readonly engine: CountedEngine;
  readonly records: OpenedRecords;
  readonly services: Services;
  readonly schedules: Changes;
  readonly keyWatch: KeyWatch;
  readonly loading: Mutex;
  readonly published: PublishedWorkflows;
  readonly options: AssemblyOptions;
}) {
  const { parts, engine, records, services, schedules, keyWatch, loading, published } = params;
  const { retention = KEEP_ALL, keepAuditForMs = null } = params.options;
  const { store, cluster } = records;
  const { catalog, clock, logger, handlers } = parts;
  const sweeper = new BundleSweeper({ store, catalog, bundles: handlers, turns: loading, clock, logger });
  // What no run of this process needs, a run that another process is recording may.
  const sweeping = cluster === null ? { sweeper } : {};
  const housekeeper = new Housekeeper({ store, clock, logger, retention, keepAuditForMs, ...sweeping });
  const declared = new DeclaredSchedules({ store, catalog, changes: schedules, clock, logger });
  const scheduler = new Scheduler({ store, services, clock, logger });
  const { fetch } = parts.outbound;
  const onAttempt = (state: string, ms: number): void => params.options.metrics?.observeDelivery(state, ms / 1_000);
  const random = (): number => Math.random();
  const sender = new WebhookSender({ ...parts.webhooks, store, fetch, clock, random, logger, onAttempt });
  const isShared = cluster !== null;
  const events = new EventSweeper({ store, engine, clock, logger, isShared });
  const bulk = new BulkWorker({ store, catalog, services, clock, newId, logger, isShared });
  const keyLooks = cluster === null ? [] : [cluster.watchKeys(keyWatch)];
  const start = async (): Promise<void> => {
    housekeeper.start();
    await declared.start();
    scheduler.start();
    bulk.start();
    await sender.start();
    events.start();
  };
  return {
    housekeeper,
    start,
    all: [...keyLooks, published, declared, scheduler, housekeeper, sender, events, bulk, parts.hooks.counter],
  };
}

/** What the engine and the services stand on. */
type Parts = ReturnType<typeof createParts>;

function createParts(
  options: AssemblyOptions,
  logger: Logger,
  folder: DataFolder,
  { store, notifier, cluster, seen }: Ground,
) {
  const { models: modelsOptions = {}, environment = {}, expressionTimeMs = EXPRESSION_TIME_MS } = options;
  const { clock = nodeClock } = options;
  const isolation = new ProcessIsolation({ timeMs: expressionTimeMs });
  const { telemetry } = options;
  const open = wireOutbound(options.outbound ?? {}, logger);
  const outbound = telemetry?.traceOutbound(open) ?? open;
  const { path: dataDir } = folder;
  const isShared = cluster !== null;
  const wired = wireModels({ options: modelsOptions, outbound, dataDir, store, clock, logger, isShared });
  const registry = new WebhookRegistry(store, cluster === null ? null : webhookHints(cluster));
  const renewal = new TokenRenewal({ fetch: outbound.fetch, clock });
  const outside = createOutsideSecrets({ env: { ...process.env, ...environment }, folder: options.secretsDir ?? null });
  return {
    store,
    clock,
    newId,
    logger,
    billingDays: new BillingDays({ store, clock, defaultDay: options.billingDay ?? 1 }),
    ...(telemetry === undefined ? {} : { tracing: telemetry.tracing }),
    isolation,
    outbound,
    keys: createKeyMaker(),
    notifier,
    cluster,
    catalog: new Catalog({ store, clock, kinds: options.trial?.kinds ?? nodeKinds, isolation }),
    ...openHandlers(options, { dataDir, logger, clock, store }),
    mcp: openMcpTools({ outbound, environment, logger, clock, isolation }),
    ...wired,
    auditStarts: options.auditStarts === true,
    ...(options.dryRuns === undefined ? {} : { dryRuns: options.dryRuns }),
    ...(options.trial === undefined ? {} : { models: options.trial.models }),
    webhooks: { box: wired.secrets, registry },
    deliveryWriter: createDeliveryWriter({ registry, newId }),
    creditAlerts: createCreditAlerts({ registry, newId }),
    hooks: wireHooks({ box: wired.secrets, store, clock, logger }),
    secretValues: new SecretValues({ store, box: wired.secrets, outside, clock, seen, renewal, isShared }),
  };
}

function openMcpTools(params: {
  readonly outbound: OpenOutbound;
  readonly environment: RawSettings;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly isolation: Isolation;
}): McpClientTools {
  const { outbound, environment, logger, clock, isolation } = params;
  const env = { ...process.env, ...environment };
  const { fetch } = outbound;
  const check: CheckBySchema = (schema, value) => findForeignProblems(schema, value, isolation);
  return createMcpTools({ check, servers: new Map(), clock, logger, env, fetch, version: readVersion() });
}

async function closeAll(
  params: Pick<Parts, 'mcp' | 'outbound' | 'isolation' | 'workers' | 'store'> & {
    readonly records: OpenedRecords;
    readonly engine: CountedEngine;
    readonly jobs: readonly { stop(): Promise<void> }[];
    readonly folder: DataFolder;
    readonly graceMs: number;
  },
): Promise<void> {
  const { engine, jobs, mcp, outbound, isolation, workers, store, folder, graceMs } = params;
  try {
    // At once: what waits for leave to work is not to get it meanwhile.
    await Promise.all([engine.stop({ graceMs }), ...jobs.map((job) => job.stop())]);
    await mcp.close();
    await outbound.close();
  } finally {
    isolation.close();
    workers.close();
    await params.records.close();
    await store.close();
    folder.dispose();
  }
}

/** SQLite's locks and its write-ahead log need a file system that one machine has to itself. */
function warnOfNetwork(dataDir: string, logger: Logger): void {
  const name = networkFileSystemAt(dataDir);
  if (name === null) return;
  const message =
    `The data folder ${dataDir} is on a network file system (${name}): locks do not hold on it, and what is acknowledged may be lost or damaged. ` +
    'Keep the data on a disk of this machine, and backups elsewhere.';
  logger.warn({ folder: dataDir, fileSystem: name }, message);
}

interface DataFolder {
  readonly path: string;
  readonly databasePath: string;
  dispose(): void;
}

function openDataFolder(data: string): DataFolder {
  if (data === ':memory:') {
    const path = mkdtempSync(join(tmpdir(), 'errand-'));
    return { path, databasePath: ':memory:', dispose: () => rmSync(path, { recursive: true, force: true }) };
  }
  const path = resolve(data);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ErrandError('unavailable', `The data folder ${path} cannot be made: ${errorMessage(error)}`, {
      cause: error,
    });
  }
  return { path, databasePath: join(path, 'errand.db'), dispose: () => undefined };
}
