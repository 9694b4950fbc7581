import type { Json } from '../../core/json.js';
import type { RunEventBody } from '../../core/run/events.js';
import type { Run } from '../../core/run/run.js';
import { tellMoment } from '../../core/time/moment.js';
import type { NodeSlots } from '../../core/ports/node-slots.js';
import type { Plan } from '../../workflow/plan/plan.js';
import type { DriveContext, InsideNodes } from '../attempt/drive-context.js';
import type { RunnerDeps } from '../attempt/runner-deps.js';
import type { LoadedRun } from '../open/load-run.js';
import { NO_EVENTS } from '../ports/run-events.js';
import type { RunClaims } from '../ports/run-claims.js';
import type { RunMailbox } from '../ports/run-mailbox.js';
import type { RunRecorder } from '../ports/recorder.js';
import type { RunSecrets } from '../secrets/run-secrets.js';
import { holding } from '../inner/holding.js';
import { CutOffs } from '../log/cut-offs.js';
import { RunLog, type RunLogOptions } from '../log/run-log.js';
import { StepMemory } from '../log/step-memory.js';
import { LazyAbort } from '../timing/lazy-abort.js';
import { InnerNodes } from '../log/inner-nodes.js';
import { InnerWaits } from '../waits/inner-waits.js';

export interface DriveRunParams {
  readonly deps: RunnerDeps;
  /** Where this run's commits go. */
  readonly recorder: RunRecorder;
  readonly run: Run;
  /** What this driver's commits are known by. */
  readonly epoch: number;
  readonly plan: Plan;
  readonly loaded: LoadedRun;
  readonly organization: { readonly id: string; readonly name: string };
  readonly mailbox: RunMailbox;
  readonly slots: NodeSlots;
  readonly claims: RunClaims | null;
  readonly secrets: RunSecrets;
  /** It is not the run's turn: answers and orders are recorded, nothing is started, and the run is parked again. */
  readonly isOutOfTurn: boolean;
  /** Whether the process died while it may have been at work: then the start of a node is on disk before it works. */
  readonly isSuspect: boolean;
  /** How often the attempts that are under way have been cut off. */
  readonly cutOffs: number;
  /** Keeps that for whoever drives the run next. */
  readonly noteCutOff: (times: number) => Promise<void>;
  /** How often the process died while the nodes that are under way were at work, where they are to fail for it. */
  readonly crashes: number | null;
}

/** What the parts of the runner share while they drive one run. */
export function createSession(
  params: DriveRunParams,
  { onRefused, onSuperseded }: Required<Pick<RunLogOptions, 'onRefused' | 'onSuperseded'>>,
): DriveContext {
  const { deps, recorder, run, epoch, plan, loaded, organization, mailbox, slots, claims, secrets } = params;
  const { clock, logger } = deps;
  const { input, instruction, lastAt } = loaded;
  const log = new RunLog({
    run,
    recorder,
    epoch,
    clock,
    logger,
    lastAt,
    searchable: plan.searchable,
    onRefused,
    onSuperseded,
    onAppend: plan.nodes.some(({ holds }) => holds) ? (event) => inside.nodes.apply(event) : undefined,
    scrub: secrets.isNone ? undefined : (body) => secrets.json(body as unknown as Json) as unknown as RunEventBody,
  });
  const memory = new StepMemory(log, loaded.steps);
  const inside = new LazyInside({ loaded, memory, clock, mailbox });
  return {
    plan,
    log,
    memory,
    cutOffs: params.cutOffs === 0 ? null : new CutOffs(log, params.cutOffs),
    keepCutOffs: params.noteCutOff,
    mailbox,
    children: deps.children,
    events: deps.events ?? NO_EVENTS,
    clock,
    random: deps.random,
    logger,
    input,
    instruction,
    organization,
    resolveHandler: deps.resolveHandler,
    info: infoOf(run),
    outputs: new Map(loaded.outputs),
    abort: new LazyAbort(),
    slots,
    claims,
    isSuspect: params.isSuspect,
    models: deps.models,
    content: deps.content,
    mcp: deps.mcp,
    outbound: deps.outbound,
    tracing: deps.tracing ?? null,
    secrets,
    inside,
    holding,
    callsUnderWay: new Map(),
    itemsUnderWay: new Set(),
    waitingForSlot: 0,
  };
}

/** Each is made when somebody asks for it. */
class LazyInside implements InsideNodes {
  readonly #of: Pick<DriveRunParams, 'loaded' | 'mailbox'> & Pick<DriveContext, 'memory' | 'clock'>;
  #nodes: InnerNodes | null = null;
  #waits: InnerWaits | null = null;

  constructor(of: Pick<DriveRunParams, 'loaded' | 'mailbox'> & Pick<DriveContext, 'memory' | 'clock'>) {
    this.#of = of;
  }

  get nodes(): InnerNodes {
    return (this.#nodes ??= this.#of.loaded.inner ?? new InnerNodes(this.#of.memory.outcomes));
  }

  get waits(): InnerWaits {
    const { clock, mailbox } = this.#of;
    return (this.#waits ??= new InnerWaits(clock, () => mailbox.order.kind !== 'go'));
  }
}

/** What handlers are told of their run. */
function infoOf({ id, workflowId, workflowVersion, createdAt }: Run): DriveContext['info'] {
  return { id, workflowId, workflowVersion, createdAt: tellMoment(createdAt) };
}
