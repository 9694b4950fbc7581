import { statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { ApiSystem } from '../../api/system-types.js';
import type { ServerMetrics } from '../../telemetry/metrics/server-metrics.js';
import type { Config } from '../config/config.js';
import { readVersion } from './version.js';

/** What this process does just now, for operators. Reads nothing but what is in memory and the sizes of two files. */
export function readSystem({
  metrics,
  config,
}: {
  readonly metrics: ServerMetrics;
  readonly config: Config;
}): ApiSystem {
  const { counts } = metrics;
  const { requests, commits, workflows } = metrics.totals();
  const { user, system } = process.cpuUsage();
  const loop = performance.eventLoopUtilization();
  const now = Date.now();
  return {
    version: readVersion(),
    node: process.versions.node,
    started_at: new Date(now - process.uptime() * 1_000).toISOString(),
    at: new Date(now).toISOString(),
    engine: config.restateUrl === null ? 'embedded' : 'restate',
    store:
      config.databaseUrl === null
        ? { kind: 'sqlite', bytes: sizeOfData(config.dataDir) }
        : { kind: 'postgres', bytes: null },
    process: {
      resident_bytes: process.memoryUsage.rss(),
      cpu_seconds: (user + system) / 1e6,
      busy_seconds: loop.active / 1_000,
      idle_seconds: loop.idle / 1_000,
    },
    runs: {
      active: counts.active,
      queued: counts.queued,
      parked: counts.parked,
      max_active: config.maxActiveRuns,
      nodes_held_up: counts.heldUp,
    },
    totals: { requests, commits },
    workflows: workflows.map(({ workflowId, accepted, ended }) => ({
      workflow_id: workflowId,
      accepted,
      completed: ended['completed'] ?? 0,
      partial_complete: ended['partial_complete'] ?? 0,
      failed: ended['failed'] ?? 0,
      cancelled: ended['cancelled'] ?? 0,
    })),
  };
}

function sizeOfData(folder: string): number {
  const files = ['errand.db', 'errand.db-wal'].map((name) => statSync(join(folder, name), { throwIfNoEntry: false }));
  return files.reduce((sum, file) => sum + (file?.size ?? 0), 0);
}
