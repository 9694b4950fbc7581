import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createRateLimiter } from '../../auth/rate-limit.js';
import { createKeyMaker } from '../../auth/api-keys.js';
import type { Clock } from '../../core/ports/clock.js';
import { ErrandError, errorMessage } from '../../core/errors.js';
import type { KeyMaker } from '../../core/ports/key-maker.js';
import { Mutex } from '../../core/mutex.js';
import { silentLogger, type Logger } from '../../core/ports/logger.js';
import { KEEP_ALL, type RetentionRule } from '../../core/run/retention.js';
import type { ResourceLimits } from '../../core/tenant/scheduling.js';
import type { ModelsConfig } from '../../core/models/models-config.js';
import type { Store } from '../../core/ports/store/store.js';
import type { EmbeddedEngine } from '../../engine/embedded/embedded-engine.js';
import { EmbeddedNotifier } from '../../engine/embedded/embedded-notifier.js';
import { ProcessIsolation } from '../../isolation/process-isolation.js';
import type { HandlerWorkers } from '../../isolation/handlers/handler-workers.js';
import type { HandlerStore } from '../../loader/bundles/handler-store.js';
import { createMcpTools, type McpClientTools } from '../../mcp-client/mcp-tools.js';
import type { OpenOutbound } from '../../outbound/create-outbound.js';
import { newId } from '../process/new-id.js';
import { nodeClock } from '../process/node-clock.js';
import { networkFileSystemAt } from '../process/network-file-system.js';
import { keepPrivate } from '../process/private-data.js';
import { nodeKinds } from '../../nodes/registry.js';
import { ensureDefaultOrganization } from '../../service/organizations/bootstrap.js';
import { BundleSweeper } from '../../service/background/bundle-sweeper.js';
import { BillingDays } from '../../service/state/billing-days.js';
import { Catalog } from '../../service/state/catalog.js';
import { createServices } from '../../service/create-services.js';
import { KeyWatch } from '../../service/state/key-watch.js';
import { ScheduleChanges } from '../../service/state/schedule-changes.js';
import { DeclaredSchedules } from '../../service/background/declared-schedules.js';
import { Scheduler } from '../../service/background/scheduler.js';
import { Housekeeper } from '../../service/background/housekeeper.js';
import type { Services } from '../../service/interface/services.js';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.js';
import { EXPRESSION_TIME_MS } from '../../workflow/template/jsonata.js';
import { observeCommits } from '../../telemetry/observe-commits.js';
import type { Telemetry } from '../../telemetry/otel/create-telemetry.js';
import type { ServerMetrics } from '../../telemetry/metrics/server-metrics.js';
import { readVersion } from '../process/version.js';
import type { RawSettings } from '../config/environment.js';
import { type HandlerOptions, openHandlers } from './open-handlers.js';
import { type EngineOptions, wireEngine } from './wire-engine.js';
import type { SignInParts } from './wire-oauth.js';
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
  /** The tools of other MCP servers; none before it is configured. */
  readonly mcp: McpClientTools;
  /** The data folder; a temporary one for `:memory:`. */
  readonly dataDir: string;
  readonly defaultOrganizationId: string;
  /** Goes on with another models.yaml. */
  setModels(config: ModelsConfig): void;
  /** Declares the resources anew. */
  setResources(resources: ReadonlyMap<string, ResourceLimits>): void;
  /** Resumes unfinished runs; call it once the catalog is filled. */
  start(): Promise<void>;
  /** Lets running nodes finish for `graceMs`, then leaves the rest to be resumed, and closes the store. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

export interface AssemblyOptions extends EngineOptions {
  /** A folder, made when missing, or `:memory:`. */
  readonly data: string;
  readonly durability?: 'full' | 'relaxed';
  readonly monthlyCredits: number;
  /** The day of the month, 1 to 28, on which billing cycles begin; the first when not given. */
  readonly billingDay?: number;
  readonly resources?: ReadonlyMap<string, ResourceLimits>;
  /** Holds for organizations without a rule of their own. All runs are kept when not given. */
  readonly retention?: RetentionRule;
  readonly models?: ModelsOptions;
  readonly outbound?: OutboundOptions;
  /** The time; the machine's when not given. */
  readonly clock?: Clock;
  /** Where what MCP servers are given is looked up, before this process's own environment. */
  readonly environment?: RawSettings;
  readonly handlers?: HandlerOptions;
  /** How long an expression may compute. */
  readonly expressionTimeMs?: number;
  readonly logger?: Logger;
  /** Counts what goes on; nothing does when not given. */
  readonly metrics?: ServerMetrics;
  /** Tells what goes on; nothing does when not given. */
  readonly telemetry?: Telemetry;
}

const CLOSE_GRACE_MS = 5_000;

/** Opens the data folder and wires the rooms. The only place, with app/server.ts, that names adapters. */
export async function assemble(options: AssemblyOptions): Promise<Assembly> {
  const logger = options.logger ?? silentLogger;
  const folder = openDataFolder(options.data);
  keepPrivate(folder.path, logger);
  warnOfNetwork(folder.path, logger);
  const { metrics, telemetry } = options;
  const opened = await openSqliteStore({ path: folder.databasePath, durability: options.durability ?? 'full' });
  const store =
    metrics === undefined && telemetry === undefined ? opened : observeCommits(opened, { metrics, telemetry });
  try {
    return await wire(options, logger, folder, store);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function wire(options: AssemblyOptions, logger: Logger, folder: DataFolder, store: Store): Promise<Assembly> {
  const parts = createParts(options, logger, folder, store);
  const { catalog, clock, handlers, workers, keys, mcp } = parts;
  let resources = options.resources ?? new Map<string, ResourceLimits>();
  const limitsOfResource = (resource: string): ResourceLimits | null => resources.get(resource) ?? null;
  const { telemetry } = options;
  const engine = wireEngine({
    ...parts,
    handlers: parts.resolver,
    options,
    limitsOfResource,
    models: telemetry?.traceModels(parts.models) ?? parts.models,
    mcp: telemetry?.traceMcpTools(mcp) ?? mcp,
  });
  const modelTests = createRateLimiter({ clock, limit: 5, windowMs: 60_000 });
  options.metrics?.setEngine(() => engine.counts());
  const keyWatch = new KeyWatch(clock);
  const schedules = new ScheduleChanges();
  const services = createServices({ ...parts, engine, modelTests, keyWatch, schedules });
  const { monthlyCredits, retention = KEEP_ALL } = options;
  const { organization } = await ensureDefaultOrganization(parts, { monthlyCredits });
  const loading = new Mutex();
  const sweeper = new BundleSweeper({ store, catalog, bundles: handlers, turns: loading, clock, logger });
  const housekeeper = new Housekeeper({ store, clock, logger, retention, sweeper });
  const declared = new DeclaredSchedules({ store, catalog, changes: schedules, clock, logger });
  const scheduler = new Scheduler({ store, services, clock, logger });
  let closing: Promise<void> | null = null;
  return {
    services,
    signIn: { keyWatch, secrets: parts.secrets, fetch: parts.outbound.fetch },
    store,
    catalog,
    handlers,
    workers,
    keys,
    clock,
    newId,
    logger,
    housekeeper,
    loading,
    mcp,
    dataDir: folder.path,
    defaultOrganizationId: organization.id,
    setModels: (config) => parts.models.configure(config),
    setResources: (limits) => {
      resources = limits;
      void engine.limitsChanged(null);
    },
    start: async () => {
      await engine.start();
      housekeeper.start();
      await declared.start();
      scheduler.start();
    },
    close: ({ graceMs = CLOSE_GRACE_MS } = {}) => {
      closing ??= closeAll({ ...parts, engine, jobs: [declared, scheduler, housekeeper], folder, graceMs });
      return closing;
    },
  };
}

/** What the engine and the services stand on. */
type Parts = ReturnType<typeof createParts>;

function createParts(options: AssemblyOptions, logger: Logger, folder: DataFolder, store: Store) {
  const { models: modelsOptions = {}, environment = {}, expressionTimeMs = EXPRESSION_TIME_MS } = options;
  const { clock = nodeClock } = options;
  const isolation = new ProcessIsolation({ timeMs: expressionTimeMs });
  const { telemetry } = options;
  const open = wireOutbound(options.outbound ?? {}, logger);
  const outbound = telemetry?.traceOutbound(open) ?? open;
  const { path: dataDir } = folder;
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
    notifier: new EmbeddedNotifier(),
    catalog: new Catalog({ store, clock, kinds: nodeKinds, isolation }),
    ...openHandlers(options, dataDir, logger),
    mcp: openMcpTools({ outbound, environment, logger, clock }),
    ...wireModels({ options: modelsOptions, outbound, dataDir, store, clock, logger }),
  };
}

function openMcpTools(params: {
  readonly outbound: OpenOutbound;
  readonly environment: RawSettings;
  readonly logger: Logger;
  readonly clock: Clock;
}): McpClientTools {
  const { outbound, environment, logger, clock } = params;
  const env = { ...process.env, ...environment };
  const { fetch } = outbound;
  return createMcpTools({ servers: new Map(), clock, logger, env, fetch, version: readVersion() });
}

async function closeAll(
  params: Pick<Parts, 'mcp' | 'outbound' | 'isolation' | 'workers' | 'store'> & {
    readonly engine: EmbeddedEngine;
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
