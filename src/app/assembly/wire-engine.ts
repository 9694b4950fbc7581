import type { Clock, NewId } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { McpTools } from '../../core/ports/mcp-tools.js';
import type { Notifier } from '../../core/ports/notifier.js';
import type { Tracing } from '../../core/ports/tracing.js';
import type { Outbound } from '../../core/ports/outbound.js';
import type { Store } from '../../core/ports/store/store.js';
import { NO_LIMITS, type Limits, type ResourceLimits } from '../../core/tenant/scheduling.js';
import { EmbeddedEngine } from '../../engine/embedded/embedded-engine.js';
import type { ModelContent } from '../../runner/models/model-content.js';
import { RunDriver } from '../../runner/run-driver.js';
import { createChildRuns, type ChildRunsDeps } from '../../service/runs/accept/child-runs.js';
import { createRunRecorder } from '../../service/runs/change/record-run.js';
import type { BillingDays } from '../../service/state/billing-days.js';
import type { Catalog } from '../../service/state/catalog.js';
import type { HandlerResolver } from './resolve-handlers.js';

export interface EngineOptions {
  readonly maxActiveRuns: number;
  readonly maxActiveNodes?: number | null;
  /**
   * How often the process may die while a run is at work before that run fails: 3 when not given; null: however often.
   */
  readonly maxCrashes?: number | null;
  /** Hold for organizations without limits of their own. */
  readonly organizationLimits?: Limits;
}

/** Null: however often. */
export function mostCrashes({ maxCrashes }: EngineOptions): number | null {
  return maxCrashes === undefined ? 3 : maxCrashes;
}

/** What drives runs, and what decides when. */
export function wireEngine(params: {
  readonly options: EngineOptions;
  readonly store: Store;
  readonly notifier: Notifier;
  readonly catalog: Catalog;
  readonly handlers: HandlerResolver;
  readonly models: NonNullable<ChildRunsDeps['models']>;
  readonly content: ModelContent;
  readonly mcp: McpTools;
  readonly outbound: Outbound;
  readonly limitsOfResource: (resource: string) => ResourceLimits | null;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly billingDays: BillingDays;
  readonly logger: Logger;
  readonly tracing?: Tracing;
}): EmbeddedEngine {
  const { options, store, notifier, catalog, handlers, models, content, clock, newId, billingDays, logger } = params;
  const maxCrashes = mostCrashes(options);
  const traced = params.tracing === undefined ? {} : { tracing: params.tracing };
  const runner = new RunDriver({
    maxCrashes,
    store,
    recorder: createRunRecorder({ store, notifier, newId, billingDays, content }),
    children: createChildRuns(() => ({ store, engine, catalog, clock, newId, billingDays, models, ...traced })),
    planOf: (version) => catalog.planOf(version),
    resolveHandler: (ref, isolation) => handlers.resolve(ref, isolation),
    clock,
    random: () => Math.random(),
    logger,
    models,
    content,
    mcp: params.mcp,
    outbound: params.outbound,
    ...traced,
  });
  const engine: EmbeddedEngine = new EmbeddedEngine({
    store,
    runner,
    clock,
    logger,
    maxActiveRuns: options.maxActiveRuns,
    maxCrashes,
    maxActiveNodes: options.maxActiveNodes ?? null,
    organizationLimits: options.organizationLimits ?? NO_LIMITS,
    limitsOfWorkflow: (workflowId) => catalog.limitsOf(workflowId),
    limitsOfResource: params.limitsOfResource,
  });
  catalog.onChanged(() => void engine.limitsChanged(null));
  return engine;
}
