import type { Clock, Random } from '../../core/ports/clock.js';
import type { HandlerRef } from '../../core/workflow/definition.js';
import type { Durable } from '../../core/ports/engine.js';
import type { Json } from '../../core/json.js';
import type { Logger } from '../../core/ports/logger.js';
import type { McpTools } from '../../core/ports/mcp-tools.js';
import type { Outbound } from '../../core/ports/outbound.js';
import type { Models } from '../../core/models/models.js';
import type { Handler, RunInfo } from '../../core/handlers/node-kind.js';
import type { NodeSlots } from '../../core/ports/node-slots.js';
import type { NodeScope, Plan, ExpressionScope } from '../../workflow/plan/plan.js';
import type { ChildRuns } from '../ports/child-runs.js';
import type { LazyAbort } from './lazy-abort.js';
import type { ModelContent } from '../models/model-content.js';
import type { RunLog } from '../log/run-log.js';

/** What the parts of the runner share while they drive one run. */
export interface DriveContext {
  readonly plan: Plan;
  readonly log: RunLog;
  readonly durable: Durable;
  readonly children: ChildRuns;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly input: Json;
  readonly instruction: string | null;
  readonly organization: { readonly id: string; readonly name: string };
  readonly info: RunInfo;
  /** The outputs of the nodes that completed, by node id. */
  readonly outputs: Map<string, Json>;
  /** Aborts the work of every node that still runs. */
  readonly abort: LazyAbort;
  readonly resolveHandler: (ref: HandlerRef) => Handler | Promise<Handler>;
  readonly slots: NodeSlots;
  readonly models: Models;
  readonly content: ModelContent;
  readonly mcp: McpTools;
  readonly outbound: Outbound;
  /** By node id, the attempt since which steps in the node's own work count; absent: the first. */
  readonly generations: Map<string, number>;
  /** Calls of models that have not ended, by node id. */
  readonly callsUnderWay: Map<string, number>;
  /** How many nodes wait for a slot, and do nothing else. */
  waitingForSlot: number;
}

/** What expressions see at this moment. */
export function createScope(session: DriveContext): ExpressionScope {
  const nodes: { [id: string]: NodeScope } = {};
  for (const execution of session.log.run.nodes) {
    const output = session.outputs.get(execution.id);
    const { status, error, findings } = execution;
    nodes[execution.id] = output === undefined ? { status, error, findings } : { status, output, error, findings };
  }
  return { input: session.input, nodes, organization: session.organization, run: session.info };
}
