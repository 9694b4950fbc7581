import { assemble, type Assembly } from './assemble.js';
import type { Config } from './config.js';
import type { Logger } from './core/logger.js';

/** The parts as the settings want them. */
export function assembleConfigured(config: Config, logger: Logger): Promise<Assembly> {
  return assemble({
    data: config.dataDir,
    monthlyCredits: config.bootstrapCredits,
    durability: config.durability,
    maxActiveRuns: config.maxActiveRuns,
    maxActiveNodes: config.maxActiveNodes,
    retention: { keepForMs: config.keepRunsForMs, keep: config.keepRuns },
    organizationLimits: { runs: config.maxActiveRunsPerOrganization, nodes: config.maxActiveNodesPerOrganization },
    logger,
  });
}
