import type { HandlerIsolation, HandlerRef } from '../../core/workflow/definition.js';
import type { Clock, Random } from '../../core/ports/clock.js';
import type { Handler } from '../../core/handlers/node-kind.js';
import type { RemoteHandler } from '../../core/handlers/handler-workers.js';
import type { Logger } from '../../core/ports/logger.js';
import type { McpTools } from '../../core/ports/mcp-tools.js';
import type { Models } from '../../core/models/models.js';
import type { Tracing } from '../../core/ports/tracing.js';
import type { Secrets } from '../../core/ports/secrets.js';
import type { Outbound } from '../../core/ports/outbound.js';
import type { ModelContent } from '../models/model-content.js';
import type { ChildRuns } from '../ports/child-runs.js';
import type { RunEvents } from '../ports/run-events.js';
import type { RunRecorder } from '../ports/recorder.js';

/** How the runner reaches the world, whatever run it drives. */
export interface RunnerDeps {
  readonly recorder: RunRecorder;
  readonly children: ChildRuns;
  /** No event ever comes when not given. */
  readonly events?: RunEvents;
  /** `isolation`: where the workflow wants its handlers to run; null: where the server has them run. */
  readonly resolveHandler: (
    ref: HandlerRef,
    isolation: HandlerIsolation | null,
  ) => Handler | RemoteHandler | Promise<Handler | RemoteHandler>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly models: Models;
  readonly content: ModelContent;
  readonly mcp: McpTools;
  readonly outbound: Outbound;
  /** Nothing is traced when not given. */
  readonly tracing?: Tracing;
  /** What workflows name as their secrets; none is set when not given. */
  readonly secrets?: Secrets;
}
