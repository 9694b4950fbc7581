import type { ApiDoctor } from '../../api/system-types.js';
import type { Config } from '../config/config.js';
import { Findings, isHealthy } from './finding.js';
import { lookAtBackups, lookAtFolder } from './look-at-data.js';
import { lookAtOperations, type Operations } from './look-at-operations.js';
import { lookAtSettings } from './look-at-settings.js';

/**
 * What `errand doctor server` sees from within the server, as far as it takes no longer where there is more data:
 * settings, data folder and backups, and what of its work does not go on.
 */
export async function lookOver(config: Config, operations: Operations, now: number): Promise<ApiDoctor> {
  const findings = new Findings();
  lookAtSettings(config.environment, findings);
  await lookAtFolder(config, findings);
  const lastAt = await lookAtBackups(config, now, findings);
  await lookAtOperations(operations, now, findings);
  return {
    at: new Date(now).toISOString(),
    healthy: isHealthy(findings.list),
    findings: findings.list,
    backups: { place: config.backupTo, last_at: lastAt === null ? null : new Date(lastAt).toISOString() },
  };
}

/** One at a time: who asks meanwhile is given the same. */
export function lookOverOnce(config: Config, operations: Operations): () => Promise<ApiDoctor> {
  let underWay: Promise<ApiDoctor> | null = null;
  return () => (underWay ??= lookOver(config, operations, operations.now()).finally(() => (underWay = null)));
}
