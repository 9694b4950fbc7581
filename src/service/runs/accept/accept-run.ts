import { applyEvent } from '../../../core/run/apply-event.js';
import { ErrandError, type Problem } from '../../../core/errors.js';
import type { RunEvent, RunEventBody } from '../../../core/run/events.js';
import { wellFormedJson, type Json } from '../../../core/json.js';
import { PAYLOAD_LIMITS, writeInput } from '../../../core/text/payload-limits.js';
import { pendingNode, type NodeExecution } from '../../../core/run/node-execution.js';
import { pendingRun, type Run, type RunParent, type RunRerun } from '../../../core/run/run.js';
import { readJsonTextAsync } from '../../../core/tool-form/json-text.js';
import type { RunCallback } from '../../../core/webhooks/webhook.js';
import { toPriority, type Priority } from '../../../core/tenant/scheduling.js';
import { FIRST_EPOCH, type Idempotency } from '../../../core/ports/store/run-store.js';
import type { Plan } from '../../../workflow/plan/plan.js';
import type { ServiceDeps } from '../../use-case/deps.js';
import { explainShortage, reserveCredits } from '../../billing/ledger.js';
import { assertReady, needsConfiguration, type ReadinessDeps } from './readiness.js';

export type AcceptRunDeps = Pick<ServiceDeps, 'store' | 'engine' | 'clock' | 'newId' | 'billingDays' | 'tracing'> &
  ReadinessDeps;

export interface AcceptRunParams {
  readonly organizationId: string;
  readonly plan: Plan;
  /** As it was given: its schema's defaults are filled in here. */
  readonly input: Json;
  readonly instruction: string | null;
  readonly idempotency: Idempotency | null;
  readonly parent?: RunParent;
  /** What its parent knows it by. */
  readonly childKey?: string;
  /** What it costs; what its workflow does when not given. */
  readonly credits?: number;
  readonly priority?: Priority;
  readonly rerunOf?: RunRerun;
  readonly callback?: RunCallback;
  /** What nodes of the new run have come to before it begins. */
  readonly takenOver?: readonly RunEventBody[];
  /** Whether a server that is stopping refuses; if not, the run is recorded and left to the next start. */
  readonly assertAccepting: boolean;
}

/**
 * Checks the input, records the run with its credits reserved, and hands it to the engine. A refusal leaves no trace.
 */
export async function acceptRun(deps: AcceptRunDeps, given: AcceptRunParams): Promise<Run> {
  // Most plans need nothing, and are not made to wait for that to be found out.
  if (needsConfiguration(deps, given.plan)) await assertReady(deps, given);
  const read = readInput(given);
  const filled = read instanceof Promise ? await read : read;
  const text = writeInput(filled);
  const params = {
    ...given,
    input: wellFormedJson(filled, text),
    instruction: given.instruction?.toWellFormed() ?? null,
  };
  const checked = checkInput(params, text);
  if (checked instanceof Promise) await checked;
  if (params.assertAccepting) await deps.engine.assertAccepting();
  deps.catalog.use.pin(params.plan);
  try {
    return await acceptOf(deps, params);
  } finally {
    deps.catalog.use.release(params.plan);
  }
}

/** With its schema's defaults. Some callers send an input that is no text as the JSON of it. */
function readInput({ plan, input }: AcceptRunParams): Json | Promise<Json> {
  return typeof input === 'string' ? readTextInput(plan, input) : plan.fillInput(input);
}

async function readTextInput(plan: Plan, text: string): Promise<Json> {
  writeInput(text);
  const fits = async (value: Json): Promise<boolean> =>
    (await plan.checkInput(await plan.fillInput(value))).length === 0;
  return plan.fillInput(await readJsonTextAsync(text, fits));
}

async function acceptOf(deps: AcceptRunDeps, params: AcceptRunParams): Promise<Run> {
  const { input, instruction } = params;
  const created = newRun(deps, params);
  const events: RunEvent[] = [{ kind: 'run.created', input, instruction, seq: 1, at: created.createdAt }];
  for (const body of params.takenOver ?? []) events.push({ seq: events.length + 1, at: created.createdAt, ...body });
  const run = events.reduce(applyEvent, created);
  await record(deps, run, events, params);
  const start = events.length === 1 ? { input, instruction } : null;
  await deps.engine.dispatch({ run, epoch: FIRST_EPOCH, start });
  return run;
}

/** At once where the input is certain to be checked in little time. */
function checkInput({ plan, input, instruction }: AcceptRunParams, text: string): void | Promise<void> {
  if (instruction !== null && instruction.length > PAYLOAD_LIMITS.instruction) {
    throw new ErrandError(
      'invalid_input',
      `The instruction must have at most ${PAYLOAD_LIMITS.instruction} characters.`,
    );
  }
  const problems = plan.checkInput(input, text);
  if (problems instanceof Promise) return problems.then((found) => refuseInput(plan, found));
  refuseInput(plan, problems);
}

/** Throws `invalid_input` when there is a problem. */
export function refuseInput(plan: Plan, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const list = problems.map((problem) => `${problem.path || '/'} ${problem.message}`).join('; ');
  throw new ErrandError('invalid_input', `The input does not fit workflow ${plan.workflowId}: ${list}`, { problems });
}

/** The same for every run of a plan: records are never changed in place. */
const pendingNodes = new WeakMap<Plan, readonly NodeExecution[]>();

function createNodeExecutions(plan: Plan): readonly NodeExecution[] {
  let nodes = pendingNodes.get(plan);
  if (nodes === undefined) {
    nodes = plan.nodes.map(({ id, kind, role, label }) => pendingNode({ id, kind: kind.kind, role, label }));
    pendingNodes.set(plan, nodes);
  }
  return nodes;
}

function newRun(
  deps: AcceptRunDeps,
  { organizationId, plan, parent, rerunOf, callback, ...given }: AcceptRunParams,
): Run {
  const priority = checkPriority(given.priority);
  const trace = deps.tracing?.placeNewRun(plan.workflowId) ?? null;
  return pendingRun({
    id: deps.newId(),
    organizationId,
    workflowId: plan.workflowId,
    workflowName: plan.name,
    workflowVersion: plan.version,
    creditsReserved: given.credits ?? plan.credits,
    createdAt: deps.clock.now(),
    nodes: createNodeExecutions(plan),
    ...(parent === undefined ? {} : { parent }),
    ...(priority === 0 ? {} : { priority }),
    ...(rerunOf === undefined ? {} : { rerunOf }),
    ...(trace === null ? {} : { trace }),
    ...(callback === undefined ? {} : { callback }),
  });
}

function checkPriority(priority: Priority | undefined): number {
  const number = priority === undefined ? 0 : toPriority(priority);
  if (number !== null) return number;
  throw new ErrandError(
    'invalid_input',
    `The priority must be low, normal, high or a whole number from -10 to 10, not ${JSON.stringify(priority)}.`,
  );
}

async function record(
  deps: AcceptRunDeps,
  run: Run,
  events: readonly RunEvent[],
  { idempotency, childKey }: Pick<AcceptRunParams, 'idempotency' | 'childKey'>,
): Promise<void> {
  const billingDay = await deps.billingDays.of(run.organizationId);
  const movement = reserveCredits(run, { id: deps.newId(), at: run.createdAt, billingDay });
  const made = {
    run,
    events,
    epoch: FIRST_EPOCH,
    created: { idempotency, childKey: childKey ?? null },
    movement,
    usage: [],
    rewritten: [],
  };
  try {
    await deps.store.runs.commit(made);
  } catch (error) {
    throw explainShortage(error, run);
  }
}
