import { applyEvent } from '../../../core/run/apply-event.js';
import { ErrandError, type Problem } from '../../../core/errors.js';
import type { RunEvent, RunEventBody } from '../../../core/run/events.js';
import { wellFormedJson, type Json } from '../../../core/json.js';
import { PAYLOAD_LIMITS, writeInput } from '../../../core/text/payload-limits.js';
import { pendingNode, type NodeExecution } from '../../../core/run/node-execution.js';
import { sharedBudgetsOf } from '../../../core/models/shared-budget.js';
import { pendingRun, type Run, type RunParent, type RunRerun } from '../../../core/run/run.js';
import { findLabelProblems, type RunLabels, toLabels } from '../../../core/search/labels.js';
import { startTerms } from '../../../core/search/run-terms.js';
import { readJsonTextAsync } from '../../../core/tool-form/json-text.js';
import type { AuditFact } from '../../../core/tenant/audit.js';
import type { RunCallback } from '../../../core/webhooks/webhook.js';
import { toPriority, type Priority } from '../../../core/tenant/scheduling.js';
import { type CommitRunParams, FIRST_EPOCH, type Idempotency } from '../../../core/ports/store/run-store.js';
import type { Plan } from '../../../workflow/plan/plan.js';
import type { ServiceDeps } from '../../use-case/deps.js';
import type { CreditTelling } from '../../billing/credit-alerts.js';
import { explainShortage, reserveCredits } from '../../billing/ledger.js';
import { assertReady, needsConfiguration, type ReadinessDeps } from './readiness.js';
import { hasLongEvent } from '../../../runner/log/split-commit.js';
import { writeLong } from '../write-long.js';

export type AcceptRunDeps = Pick<
  ServiceDeps,
  'store' | 'engine' | 'clock' | 'newId' | 'billingDays' | 'creditAlerts' | 'tracing'
> &
  ReadinessDeps;

export interface AcceptRunParams extends RunLabels {
  readonly organizationId: string;
  readonly plan: Plan;
  /** As it was given: its schema's defaults are filled in here. */
  readonly input: Json;
  readonly instruction: string | null;
  readonly idempotency: Idempotency | null;
  readonly parent?: RunParent;
  /** Those of its parent. */
  readonly sharedBudgets?: readonly string[] | undefined;
  /** What its parent knows it by. */
  readonly childKey?: string;
  /** What it costs; what its workflow does when not given. */
  readonly credits?: number;
  readonly priority?: Priority | undefined;
  readonly rerunOf?: RunRerun;
  readonly callback?: RunCallback | undefined;
  /** What nodes of the new run have come to before it begins. */
  readonly takenOver?: readonly RunEventBody[];
  /** What goes into the trail with the run; nothing when not given. */
  readonly audit?: ((run: Run) => AuditFact) | undefined;
  /** Whether a server that is stopping refuses; if not, the run is recorded and left to the next start. */
  readonly assertAccepting: boolean;
}

/**
 * Checks the input, records the run with its credits reserved, and hands it to the engine. A refusal leaves no trace.
 */
export async function acceptRun(deps: AcceptRunDeps, given: AcceptRunParams): Promise<Run> {
  const checking = checkRun(deps, given);
  const params = checking instanceof Promise ? await checking : checking;
  if (params.assertAccepting) await deps.engine.assertAccepting();
  const pinned = { workflowId: params.plan.key, version: params.plan.version };
  deps.catalog.pin(pinned);
  try {
    const preparing = prepareRun(deps, params);
    const prepared = preparing instanceof Promise ? await preparing : preparing;
    await record(deps, prepared);
    return await dispatchRun(deps, prepared);
  } finally {
    deps.catalog.release(pinned);
  }
}

/**
 * What is to be accepted, with its input as it will be kept. Throws what is wrong with it. At once where nothing is to be
 * waited for, as for most.
 */
export function checkRun(deps: AcceptRunDeps, given: AcceptRunParams): AcceptRunParams | Promise<AcceptRunParams> {
  refuseLabels(given);
  if (needsConfiguration(deps, given.plan)) return assertReady(deps, given).then(() => checkGiven(given));
  return checkGiven(given);
}

function checkGiven(given: AcceptRunParams): AcceptRunParams | Promise<AcceptRunParams> {
  const read = readInput(given);
  return read instanceof Promise ? read.then((filled) => checkFilled(given, filled)) : checkFilled(given, read);
}

function checkFilled(given: AcceptRunParams, filled: Json): AcceptRunParams | Promise<AcceptRunParams> {
  const text = writeInput(filled);
  const params = {
    ...given,
    input: wellFormedJson(filled, text),
    instruction: given.instruction?.toWellFormed() ?? null,
  };
  const checked = checkInput(params, text);
  return checked instanceof Promise ? checked.then(() => params) : params;
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

/** A run that is checked, and the commit that makes it. */
export interface PreparedRun {
  readonly run: Run;
  readonly commit: CommitRunParams;
  /** What the commit tells of the organization's credits; null for nothing. */
  readonly telling: CreditTelling | null;
  /** What its driver needs not read; null where it has more of a log. */
  readonly start: { readonly input: Json; readonly instruction: string | null } | null;
}

/** Of what `checkRun` gave. Its version must be pinned until the run is handed to the engine. */
export function prepareRun(deps: AcceptRunDeps, params: AcceptRunParams): PreparedRun | Promise<PreparedRun> {
  const billingDay = deps.billingDays.of(params.organizationId);
  return billingDay instanceof Promise
    ? billingDay.then((day) => prepareOn(deps, params, day))
    : prepareOn(deps, params, billingDay);
}

function prepareOn(deps: AcceptRunDeps, params: AcceptRunParams, billingDay: number): PreparedRun {
  const { input, instruction, idempotency, childKey = null, plan } = params;
  const created = newRun(deps, params);
  const events: RunEvent[] = [{ kind: 'run.created', input, instruction, seq: 1, at: created.createdAt }];
  for (const body of params.takenOver ?? []) events.push({ seq: events.length + 1, at: created.createdAt, ...body });
  const run = events.reduce(applyEvent, created);
  const telling = deps.creditAlerts?.prepare(run.organizationId, billingDay) ?? null;
  const commit: CommitRunParams = {
    run,
    events,
    epoch: FIRST_EPOCH,
    created: { idempotency, childKey, ...(plan.budget?.shared === true ? { budget: plan.budget } : {}) },
    movement: reserveCredits(run, { id: deps.newId(), at: run.createdAt, billingDay }),
    tellMark: telling?.tellMark,
    usage: [],
    rewritten: [],
    terms: startTerms(run, { input, searchable: plan.searchable }),
    audit: params.audit === undefined ? undefined : [params.audit(run)],
  };
  return { run, commit, telling, start: events.length === 1 ? { input, instruction } : null };
}

/** Hands a run that is recorded to the engine. */
export async function dispatchRun({ engine }: AcceptRunDeps, { run, start }: PreparedRun): Promise<Run> {
  await engine.dispatch({ run, epoch: FIRST_EPOCH, start });
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
  const trace = deps.tracing?.placeNewRun(plan.workflowId) ?? undefined;
  const run = pendingRun({
    id: deps.newId(),
    organizationId,
    workflowId: plan.workflowId,
    workflowName: plan.name,
    workflowVersion: plan.version,
    creditsReserved: given.credits ?? plan.credits,
    createdAt: deps.clock.now(),
    nodes: createNodeExecutions(plan),
    trace,
  });
  const isLabelled = given.tags !== undefined || given.metadata !== undefined;
  const sharedBudgets = sharedBudgetsOf({ runId: run.id, budget: plan.budget, above: given.sharedBudgets });
  const isAlone = parent === undefined && sharedBudgets === undefined;
  const isPlain = plan.owner === null && isAlone && rerunOf === undefined && callback === undefined;
  // As most are: what is spread into an object costs ten times as much as what it is made with.
  if (isPlain && !isLabelled && priority === 0) return run;
  return {
    ...run,
    ...(plan.owner === null ? {} : { ownWorkflow: true as const }),
    ...(parent === undefined ? {} : { parent }),
    ...(sharedBudgets === undefined ? {} : { sharedBudgets }),
    ...(priority === 0 ? {} : { priority }),
    ...(rerunOf === undefined ? {} : { rerunOf }),
    ...(callback === undefined ? {} : { callback }),
    ...toLabels(given),
  };
}

function refuseLabels(labels: RunLabels): void {
  if (labels.tags === undefined && labels.metadata === undefined) return;
  const problems = findLabelProblems(labels);
  if (problems.length === 0) return;
  const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw new ErrandError('invalid_input', `The run cannot be labelled so: ${list}.`, { problems });
}

function checkPriority(priority: Priority | undefined): number {
  const number = priority === undefined ? 0 : toPriority(priority);
  if (number !== null) return number;
  throw new ErrandError(
    'invalid_input',
    `The priority must be low, normal, high or a whole number from -10 to 10, not ${JSON.stringify(priority)}.`,
  );
}

async function record({ store }: AcceptRunDeps, { run, commit, telling }: PreparedRun): Promise<void> {
  // What it takes over from an earlier run may be long.
  if (hasLongEvent(commit.events)) await writeLong(run, commit.events);
  try {
    await store.runs.commit(commit);
    telling?.sent();
  } catch (error) {
    throw explainShortage(error, run);
  }
}
