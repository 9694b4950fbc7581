import type { Clock, NewId, Random } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { McpTools } from '../../core/ports/mcp-tools.js';
import type { Notifier } from '../../core/ports/notifier.js';
import type { Tracing } from '../../core/ports/tracing.js';
import type { Outbound } from '../../core/ports/outbound.js';
import type { Store } from '../../core/ports/store/store.js';
import { NO_LIMITS, type Limits, type ResourceLimits } from '../../core/tenant/scheduling.js';
import type { Engine } from '../../core/ports/engine.js';
import { EmbeddedEngine } from '../../engine/embedded/embedded-engine.js';
import type { ModelContent } from '../../runner/models/model-content.js';
import { RunDriver } from '../../runner/run-driver.js';
import { createChildRuns, type ChildRunsDeps } from '../../service/runs/accept/child-runs.js';
import { createRunEvents } from '../../service/events/send-event.js';
import type { CreditAlerts } from '../../service/billing/credit-alerts.js';
import { createRunRecorder } from '../../service/runs/change/record-run.js';
import type { BillingDays } from '../../service/billing/billing-days.js';
import type { DeliveryWriter } from '../../service/webhooks/delivery-writer.js';
import type { SecretValues } from '../../service/state/secret-values.js';
import type { Catalog } from '../../service/state/catalog.js';
import type { PublishedCode } from '../../core/handlers/published-code.js';
import type { HandlerStore } from '../../loader/bundles/handler-store.js';
import type { Cluster } from '../cluster/cluster.js';
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

/** An engine that tells how many runs and nodes of this process do what just now. */
export type CountedEngine = Engine & Pick<EmbeddedEngine, 'counts'>;

/** What the engine and its drivers are made of. */
interface EngineParts {
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
  readonly cluster: Cluster | null;
  readonly bundles: HandlerStore;
  readonly code: PublishedCode;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly billingDays: BillingDays;
  readonly logger: Logger;
  readonly tracing?: Tracing;
  /** Lengthens the pauses between attempts. */
  readonly random: Random;
  readonly secretValues: SecretValues;
  readonly deliveryWriter: DeliveryWriter;
  readonly creditAlerts: CreditAlerts;
}

/** What drives runs, and what decides when. */
export function wireEngine(params: EngineParts): CountedEngine {
  const { options, store, catalog, clock, newId, logger } = params;
  const runner = createRunner(params, () => engine);
  const common = {
    store,
    runner,
    clock,
    logger,
    maxActiveRuns: options.maxActiveRuns,
    maxCrashes: mostCrashes(options),
    maxActiveNodes: options.maxActiveNodes ?? null,
    organizationLimits: options.organizationLimits ?? NO_LIMITS,
    limitsOfWorkflow: (workflow: string) => catalog.limitsOf(workflow),
    limitsOfResource: params.limitsOfResource,
  };
  const engine: CountedEngine =
    params.cluster === null
      ? new EmbeddedEngine(common)
      : params.cluster.createEngine({
          ...common,
          cluster: params.cluster,
          bundles: params.bundles,
          code: params.code,
          newId,
        });
  catalog.onChanged(() => void engine.limitsChanged(null));
  return engine;
}

/** `engineOf`: what drives the runs that nodes start, and those that their events are for. */
function createRunner(params: EngineParts, engineOf: () => Engine): RunDriver {
  const { options, catalog, handlers, tracing, secretValues: secrets, ...rest } = params;
  const depsOf = (): EngineParts & { readonly engine: Engine } => ({ ...params, engine: engineOf() });
  return new RunDriver({
    ...rest,
    maxCrashes: mostCrashes(options),
    recorder: createRunRecorder(params),
    children: createChildRuns(depsOf),
    events: createRunEvents(depsOf),
    planOf: (version) => catalog.planOf(version),
    resolveHandler: (ref, isolation) => handlers.resolve(ref, isolation),
    ...(tracing === undefined ? {} : { tracing }),
    secrets,
  });
}
