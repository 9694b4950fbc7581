import type { Assembly } from './assembly/assemble.js';
import { readTrustedProxies } from './assembly/trusted-proxies.js';
import { wireConsole } from './assembly/wire-console.js';
import { wireOAuth } from './assembly/wire-oauth.js';
import { fileURLToPath } from 'node:url';
import { DryRunner } from './trial/dry-runner.js';
import { nodeClock } from './process/node-clock.js';
import { assembleConfigured } from './assembly/assemble-configured.js';
import { createAuthenticator } from '../auth/authenticate.js';
import { createTokenAuthenticator } from '../auth/oauth/authenticate-token.js';
import { tokenMaker } from '../auth/oauth/tokens.js';
import { createBurstLimiter, createRateLimiter } from '../auth/limits/rate-limit.js';
import type { LogControl } from '../core/ports/logger.js';
import type { RateLimiter } from '../core/ports/rate-limiter.js';
import { FolderPlace, S3BackupPlace } from './backups/backup-place.js';
import { Backups } from './backups/backups.js';
import { isS3Address, readS3Place } from './backups/s3/read-s3-place.js';
import { readCompany } from './config/company.js';
import { loadConfig, type Config } from './config/config.js';
import type { RawSettings } from './config/environment.js';
import { ErrandError, errorMessage } from '../core/errors.js';
import { untilReadable } from '../core/time/until-readable.js';
import { createApp } from '../http/create-app.js';
import type { ConsoleParts } from '../http/pipeline/console-parts.js';
import { serve as serveHttp, type HttpServer } from '../http/serve.js';
import { createLogger } from './process/logger.js';
import { openTelemetry } from './process/open-telemetry.js';
import { watchForNpm } from './process/stopping/left-behind.js';
import { openServiceManager } from './process/service-manager.js';
import { guardAgainstHandlerCrashes } from './process/handler-crash-guard.js';
import { ensureFirstKey, findOperator, systemPrincipal } from '../service/organizations/bootstrap.js';
import { ServerMetrics } from '../telemetry/metrics/server-metrics.js';
import type { Telemetry } from '../telemetry/otel/create-telemetry.js';
import { serveMetrics } from '../telemetry/serve-metrics.js';
import { serveWorkflows, type ServedFolder } from './assembly/serve-workflows.js';
import type { RunningServer } from './running-server.js';
import type { Operations } from './doctor/look-at-operations.js';
import { lookOverOnce } from './doctor/look-over.js';
import { readProcesses } from './process/presence/read-processes.js';
import { readSystem } from './process/read-system.js';
import { readVersion } from './process/version.js';
import { printWelcome } from './welcome.js';

const STOP_GRACE_MS = 5_000;
const MINUTE_MS = 60_000;

/** Starts a server with these settings over the defaults; the environment is not looked at. */
export async function startServer(settings: Partial<Config> = {}): Promise<RunningServer> {
  process.setSourceMapsEnabled(true);
  const config: Config = { ...loadConfig({ env: {} }), ...settings };
  const logger = createLogger(config);
  const telemetry = await openTelemetry({
    env: config.environment,
    folders: [config.workflowsDir, process.cwd(), fileURLToPath(new URL('.', import.meta.url))],
  });
  const metrics = new ServerMetrics({ version: readVersion() });
  if (telemetry !== null) {
    logger.attach(telemetry.logs);
    telemetry.onTrouble((fields, message) => logger.warn(fields, message));
    telemetry.metrics.mirror(metrics.registry);
  }
  const dryRuns = new DryRunner({ clock: nodeClock });
  const observers = telemetry === null ? { metrics } : { metrics, telemetry };
  const assembly = await assembleConfigured(config, logger, { ...observers, dryRuns });
  const cleanUps: (() => Promise<void>)[] = [
    async () => telemetry?.close(),
    async () => metrics.close(),
    () => assembly.close({ graceMs: STOP_GRACE_MS }),
  ];
  const cleanUp = async (): Promise<void> => {
    for (const step of cleanUps.splice(0).toReversed()) await step();
  };
  try {
    const firstKey = await ensureFirstKey(assembly, {
      organizationId: assembly.defaultOrganizationId,
      chosenKey: config.bootstrapKey,
    });
    const folder = await serveWorkflows(config, assembly, cleanUps);
    const metricsUrl = await tellMetrics(config, metrics, cleanUps);
    await backUpFromTimeToTime(config, assembly, cleanUps);
    const { secrets } = assembly.signIn;
    const console = wireConsole({ ...assembly, secrets, trustedProxies: config.trustedProxies });
    const http = await listen(config, assembly, { ...observers, logControl: logger, console, folder });
    cleanUps.push(() => http.close({ graceMs: STOP_GRACE_MS }));
    await assembly.start();
    const workflowIds = assembly.catalog.list(assembly.defaultOrganizationId).map(({ plan }) => plan.workflowId);
    const organization = systemPrincipal(assembly.defaultOrganizationId);
    const notReady = await untilReadable(() => assembly.services.listNotReady(organization), assembly);
    const signInToken =
      console === null ? null : await untilReadable(() => makeSignInToken(console, assembly), assembly);
    return {
      url: http.url,
      metricsUrl,
      firstKey,
      console: console === null ? null : { signInToken },
      workflowIds,
      notReady,
      faults: folder.initial.faults,
      close: cleanUp,
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

/** Whoever starts the server has its data, and may do everything. */
async function makeSignInToken({ links }: ConsoleParts, assembly: Assembly): Promise<string | null> {
  const operator = await findOperator(assembly, assembly.defaultOrganizationId);
  return operator === null ? null : links.make(operator);
}

/** What `errand serve` does: serves until it is told to stop. */
export async function serve(flags: RawSettings): Promise<void> {
  const config = loadConfig({ env: process.env, flags });
  const logger = createLogger(config);
  guardAgainstHandlerCrashes(logger);
  const manager = openServiceManager(process.env, logger);
  const stopped = untilStopped();
  const starting = startServer(config);
  const server = await Promise.race([starting, stopped.then(() => null)]);
  if (server === null) return await closeOnceStarted(starting);
  printWelcome({ server, config, isTerminal: process.stdout.isTTY });
  await Promise.race([manager.tell('READY=1', `STATUS=Serves on ${server.url}`), stopped]);
  await stopped;
  await Promise.all([manager.tell('STOPPING=1'), server.close()]);
}

/**
 * It was told to stop before it served: what has begun ends as it does otherwise, unless the start takes too long to
 * wait for.
 */
async function closeOnceStarted(starting: Promise<RunningServer>): Promise<void> {
  const tooLong = setTimeout(() => process.exit(0), STOP_GRACE_MS);
  await starting.then(
    (server) => server.close(),
    () => undefined,
  );
  clearTimeout(tooLong);
}

/**
 * Resolves at the first SIGINT or SIGTERM, or when npm has ended that had started the server; a second signal ends the
 * process at once.
 */
async function untilStopped(): Promise<void> {
  await new Promise<void>((resolve) => {
    let asked = false;
    const begin = (): void => {
      if (asked) return;
      asked = true;
      endWatch();
      process.stderr.write(
        '\nStopping: running nodes have a few seconds to finish, the rest is resumed at the next start.\n',
      );
      resolve();
    };
    const stop = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(signal === 'SIGINT' ? 130 : 143);
      begin();
    };
    const endWatch = watchForNpm({ env: process.env, told: begin });
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}

/** Calls in a minute up to which the moment of each is remembered. */
const MAX_REMEMBERED = 10_000;

/** Exact in any minute, except for limits so high that this takes too much memory. */
function limitOfKey(params: Parameters<typeof createRateLimiter>[0]): RateLimiter {
  return params.limit <= MAX_REMEMBERED ? createRateLimiter(params) : createBurstLimiter(params);
}

interface Observers {
  readonly logControl: LogControl;
  readonly metrics: ServerMetrics;
  readonly telemetry?: Telemetry;
}

async function backUpFromTimeToTime(
  config: Config,
  { clock, logger }: Assembly,
  cleanUps: (() => Promise<void>)[],
): Promise<void> {
  const { backupTo: to, backupEveryMs: everyMs, backupKeep: keep, dataDir: data, databaseUrl } = config;
  if (to === null) return;
  if (databaseUrl !== null) {
    const message = 'ERRAND_BACKUP_TO is for data in the data folder. Back a Postgres database up with its own tools.';
    throw new ErrandError('invalid_input', message);
  }
  const s3 = isS3Address(to) ? { place: readS3Place(to, config), proxies: config.environment } : null;
  const place = s3 === null ? new FolderPlace(to) : new S3BackupPlace(s3.place, s3.proxies);
  const backups = new Backups({ data, place, s3, everyMs, keep, clock, logger });
  await backups.start();
  cleanUps.push(() => backups.stop());
}

/** At an address of its own, where one is set. */
async function tellMetrics(
  { metrics: at }: Config,
  metrics: ServerMetrics,
  cleanUps: (() => Promise<void>)[],
): Promise<string | null> {
  if (at === null) return null;
  const served = await serveMetrics({ ...at, metrics }).catch((error: unknown) => {
    throw new ErrandError('unavailable', `Metrics cannot be told at ${at.host}:${at.port}: ${errorMessage(error)}.`, {
      cause: error,
    });
  });
  cleanUps.push(() => served.close());
  return served.url;
}

/** What operators are told of a server at work. */
function operationsOf(
  config: Config,
  { store, services, clock }: Assembly,
  { metrics, folder }: { readonly metrics: ServerMetrics; readonly folder: ServedFolder },
): Operations {
  return {
    store,
    now: () => clock.now(),
    readSystem: () => readSystem({ metrics, config }),
    readFaults: folder.readFaults,
    listNotReady: (organizationId) => services.listNotReady(systemPrincipal(organizationId)),
  };
}

async function listen(
  config: Config,
  assembly: Assembly,
  {
    console,
    folder,
    ...observers
  }: Observers & { readonly console: ConsoleParts | null; readonly folder: ServedFolder },
): Promise<HttpServer> {
  const { services, store, keys, clock, newId, logger, signIn } = assembly;
  const { trustedProxies, oauthClients: clients } = config;
  const authenticateKey = createAuthenticator({ store, clock, keys });
  const company = readCompany(config);
  const oauth =
    config.oauth === 'on' ? wireOAuth({ signIn, store, clock, newId, logger, trustedProxies, company, clients }) : null;
  const perMinute = (limit: number) => ({ clock, limit, windowMs: MINUTE_MS });
  const app = createApp({
    services,
    authenticate:
      oauth === null
        ? (header, _resource, from) => authenticateKey(header, from)
        : createTokenAuthenticator({ store, clock, tokens: tokenMaker }, authenticateKey),
    ...(oauth === null ? {} : { oauth }),
    ...(console === null ? {} : { console }),
    limits: {
      mutating: createRateLimiter(perMinute(config.mutatingCallsPerMinute)),
      reading: limitOfKey(perMinute(config.callsPerMinute)),
      organization: createBurstLimiter(perMinute(config.callsPerMinutePerOrganization ?? 10 * config.callsPerMinute)),
    },
    logger,
    clock,
    newId,
    host: config.host,
    publicUrl: config.publicUrl,
    allowedHosts: config.allowedHosts,
    allowedOrigins: config.allowedOrigins,
    version: readVersion(),
    metrics: observers.metrics,
    isTrustedProxy: readTrustedProxies(trustedProxies),
    logControl: observers.logControl,
    readSystem: () => readSystem({ metrics: observers.metrics, config }),
    listProcesses: () => readProcesses(assembly),
    lookOver: lookOverOnce(config, operationsOf(config, assembly, { ...observers, folder })),
    ...(observers.telemetry === undefined ? {} : { tracing: observers.telemetry.tracing }),
  });
  try {
    return await serveHttp({ app, host: config.host, port: config.port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    const hint = code === 'EADDRINUSE' ? ' Another program has it; choose another with --port.' : '';
    throw new ErrandError(
      'unavailable',
      `Errand cannot listen on ${config.host}:${config.port}: ${errorMessage(error)}.${hint}`,
      { cause: error },
    );
  }
}
