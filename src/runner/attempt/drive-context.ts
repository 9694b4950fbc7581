import type { Chance } from '../../core/ports/isolation.js';
import type { Clock, Random } from '../../core/ports/clock.js';
import type { HandlerIsolation, HandlerRef } from '../../core/workflow/definition.js';
import type { Json } from '../../core/json.js';
import type { RemoteHandler } from '../../core/handlers/handler-workers.js';
import type { Logger } from '../../core/ports/logger.js';
import type { McpTools } from '../../core/ports/mcp-tools.js';
import type { Tracing } from '../../core/ports/tracing.js';
import type { Outbound } from '../../core/ports/outbound.js';
import type { Models } from '../../core/models/models.js';
import type { NodeExecution } from '../../core/run/node-execution.js';
import type {
  Handler,
  HeldEnd,
  RoundsEnd,
  RunInfo,
  RunNodesOptions,
  RunRoundsOptions,
} from '../../core/handlers/node-kind.js';
import type { NodeSlots } from '../../core/ports/node-slots.js';
import type { NodeScope, Plan, PlannedNode, ExpressionScope } from '../../workflow/plan/plan.js';
import type { ChildRuns } from '../ports/child-runs.js';
import type { RunClaims } from '../ports/run-claims.js';
import type { RunEvents } from '../ports/run-events.js';
import type { CutOffs } from '../log/cut-offs.js';
import type { InnerNodes } from '../log/inner-nodes.js';
import type { LazyAbort } from '../timing/lazy-abort.js';
import type { EndedAttempt } from '../timing/retry.js';
import type { InnerWaits } from '../waits/inner-waits.js';
import type { Rest } from '../waits/rest.js';
import type { ModelContent } from '../models/model-content.js';
import type { RunMailbox } from '../ports/run-mailbox.js';
import type { RunSecrets } from '../secrets/run-secrets.js';
import type { RunLog } from '../log/run-log.js';
import type { StepMemory } from '../log/step-memory.js';

/** What the parts of the runner share while they drive one run. */
export interface DriveContext {
  readonly plan: Plan;
  readonly log: RunLog;
  readonly memory: StepMemory;
  readonly mailbox: RunMailbox;
  readonly children: ChildRuns;
  readonly events: RunEvents;
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
  /** `isolation`: where the workflow wants its handlers to run; null: where the server has them run. */
  readonly resolveHandler: (
    ref: HandlerRef,
    isolation: HandlerIsolation | null,
  ) => Handler | RemoteHandler | Promise<Handler | RemoteHandler>;
  readonly slots: NodeSlots;
  /** Null where nobody else can be given the run. */
  readonly claims: RunClaims | null;
  /** Whether the start of a node must be on disk before it works. */
  readonly isSuspect: boolean;
  /** Null where nothing of the run was cut off, neither before it was taken up nor since. */
  cutOffs: CutOffs | null;
  /** Has it outlive this process how often what is under way was cut off. */
  readonly keepCutOffs: (times: number) => Promise<void>;
  readonly models: Models;
  readonly content: ModelContent;
  readonly mcp: McpTools;
  readonly outbound: Outbound;
  readonly tracing: Tracing | null;
  readonly secrets: RunSecrets;
  readonly inside: InsideNodes;
  readonly holding: Holding;
  /** Calls of models that have not ended, by node id. */
  readonly callsUnderWay: Map<string, number>;
  /** Items that cost something and are being worked through. */
  readonly itemsUnderWay: Set<ItemsUnderWay>;
  /** How many nodes wait for a slot, and do nothing else. */
  waitingForSlot: number;
}

/** The items of a map that may still complete, and are then to be paid for. */
export interface ItemsUnderWay {
  /** The node of the workflow that is the map, or holds it. */
  readonly nodeId: string;
  readonly isInner: boolean;
  /** Of a map inside another node those that have not ended; else those that have not failed. */
  left: number;
}

/** What is known of the nodes that stand inside others. Most runs have none, and nobody asks. */
export interface InsideNodes {
  /** What they have come to. */
  readonly nodes: InnerNodes;
  /** Those of them that wait. */
  readonly waits: InnerWaits;
}

/** Where a node stands while it is executed. */
export interface NodePlace {
  /** Its id, or its path; see `node-path.ts`. */
  readonly id: string;
  /** What its expressions see at this moment. */
  readonly scope: () => ExpressionScope;
  /** Ends what it does. */
  readonly abort: LazyAbort;
  readonly rest: Rest;
}

/** What an attempt at a node that holds others runs them with. */
export interface HoldingAttempt {
  readonly session: DriveContext;
  readonly node: PlannedNode;
  /** `abort` ends this attempt. */
  readonly place: NodePlace;
}

/** How nodes inside others are run. */
export interface Holding {
  /** Runs the nodes of the node's body once. */
  runNodes(attempt: HoldingAttempt, options: RunNodesOptions): Promise<HeldEnd>;
  /** Runs them round by round. */
  runRounds(attempt: HoldingAttempt, options: RunRoundsOptions): Promise<RoundsEnd>;
  /** Runs the node's inner one for an item, to its end. */
  runItem(attempt: HoldingAttempt, item: HeldItem): Promise<EndedAttempt>;
  /** Before a new attempt: has those inside it begin again that had not completed. */
  reopen(session: DriveContext, node: PlannedNode, path: string): void;
}

export interface HeldItem {
  readonly path: string;
  readonly scope: ExpressionScope;
  readonly rest: Rest;
}

/** Where what is computed once has chance and time from. */
export function chanceNow(session: DriveContext, place: string): Chance {
  return { seed: `${session.info.id} ${place}`, at: session.clock.now() };
}

/** What expressions see at this moment. */
export function createScope(session: DriveContext): ExpressionScope {
  let seen = scopeNodes.get(session);
  if (seen === undefined) scopeNodes.set(session, (seen = new ScopeNodes()));
  const nodes = seen.update(session);
  return { input: session.input, nodes, organization: session.organization, run: session.info };
}

/**
 * What expressions see of nodes. One object for the whole drive, in which only what has changed is replaced: a graph of
 * thousands of nodes would spend its time on making thousands of them for each. An expression may read only nodes that
 * have ended, which change no more.
 */
class ScopeNodes {
  readonly #nodes: { [id: string]: NodeScope } = {};
  #seen: readonly NodeExecution[] = [];

  update({ log, outputs }: DriveContext): { readonly [id: string]: NodeScope } {
    const { nodes } = log.run;
    if (nodes === this.#seen) return this.#nodes;
    for (const [place, execution] of nodes.entries()) {
      if (execution !== this.#seen[place]) this.#nodes[execution.id] = toScope(execution, outputs.get(execution.id));
    }
    this.#seen = nodes;
    return this.#nodes;
  }
}

const scopeNodes = new WeakMap<DriveContext, ScopeNodes>();

/** What expressions see of a node that has ended. */
export function toScope({ status, error, findings }: NodeExecution, output: Json | undefined): NodeScope {
  return output === undefined ? { status, error, findings } : { status, output, error, findings };
}
