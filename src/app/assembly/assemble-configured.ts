import { assemble, type Assembly } from './assemble.js';
import type { ClusterOptions } from '../cluster/cluster.js';
import type { Config } from '../config/config.js';
import type { DryRuns } from '../../core/workflow/dry-run.js';
import type { Logger } from '../../core/ports/logger.js';
import type { Telemetry } from '../../telemetry/otel/create-telemetry.js';
import type { ServerMetrics } from '../../telemetry/metrics/server-metrics.js';
import { loadPrices } from '../../models/catalogue/prices.js';

/** The parts as the settings want them. */
export async function assembleConfigured(
  config: Config,
  logger: Logger,
  given: { readonly metrics?: ServerMetrics; readonly telemetry?: Telemetry; readonly dryRuns?: DryRuns } = {},
): Promise<Assembly> {
  const { environment, defaultModel, modelPrices } = config;
  return assemble({
    data: config.dataDir,
    monthlyCredits: config.bootstrapCredits,
    billingDay: config.billingDay,
    durability: config.durability,
    cluster: clusterOf(config),
    maxActiveRuns: config.maxActiveRuns,
    maxCrashes: config.maxCrashes === 0 ? null : config.maxCrashes,
    maxActiveNodes: config.maxActiveNodes,
    keepAuditForMs: config.keepAuditForMs,
    auditStarts: config.auditStarts === 'on',
    retention: { keepForMs: config.keepRunsForMs, keep: config.keepRuns },
    organizationLimits: { runs: config.maxActiveRunsPerOrganization, nodes: config.maxActiveNodesPerOrganization },
    models: {
      env: defaultModel === null ? environment : { ...environment, ERRAND_DEFAULT_MODEL: defaultModel },
      ...(modelPrices === null ? {} : { prices: await loadPrices(modelPrices) }),
      packagesFrom: [config.workflowsDir],
      content: config.modelContent,
      filesFrom: config.modelFiles,
      secretKey: config.secretKey,
    },
    environment,
    secretsDir: config.secretsDir,
    outbound: { hosts: config.outboundHosts, allow: config.outboundAllow, env: environment },
    handlers: {
      isolation: config.isolation,
      workers: config.workers,
      memoryMb: config.workerMemoryMb,
      silenceMs: config.workerSilenceMs,
      published: config.publishedCode,
      packagesFrom: config.workflowsDir,
    },
    expressionTimeMs: config.expressionTimeMs,
    logger,
    ...given,
  });
}

/** All that it needs is there, or nothing: see `assertCluster`. */
function clusterOf(config: Config): ClusterOptions | null {
  const { databaseUrl, restateUrl: url, restateAdminUrl: adminUrl, restateListen: listen } = config;
  if (databaseUrl === null || url === null || adminUrl === null || listen === null) return null;
  const { restateAdvertise: advertise, restateIdentityKeys: identityKeys, databaseListenUrl } = config;
  return {
    databaseUrl,
    databaseListenUrl: databaseListenUrl ?? databaseUrl,
    restate: { url, adminUrl, listen, advertise, identityKeys, service: null },
  };
}
