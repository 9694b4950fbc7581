import { createHash } from 'node:crypto';
import { monthOf } from '../core/credits.js';
import { ErrandError, isErrandError } from '../core/errors.js';
import type { RunEvent } from '../core/events.js';
import { pendingNode } from '../core/node-execution.js';
import type { Principal } from '../core/principal.js';
import { pendingRun, type Run } from '../core/run.js';
import { canonicalJson } from '../workflow/hash.js';
import type { Plan } from '../workflow/plan.js';
import type { ServiceDeps } from './deps.js';
import type { RunWorkflowParams, RunWorkflowResult } from './services.js';
import { findWorkflow } from './workflows.js';

const MAX_INSTRUCTION = 20_000;
const MAX_IDEMPOTENCY_KEY = 200;

/** Starts a run: checked, recorded with its credits reserved, then handed to the engine. A refusal leaves no trace. */
export async function runWorkflow(
  deps: ServiceDeps,
  caller: Principal,
  params: RunWorkflowParams,
): Promise<RunWorkflowResult> {
  const workflow = findWorkflow(deps, caller, params.workflowId);
  const idempotency = idempotencyOf(params);
  if (idempotency !== null) {
    const earlier = await findEarlier(deps, caller, idempotency);
    if (earlier !== null) return { run: earlier, workflow: workflow.record, created: false };
  }
  const filled: RunWorkflowParams = { ...params, input: workflow.plan.fillInput(params.input) };
  checkInput(workflow.plan, filled);
  deps.engine.assertAccepting();
  const run = newRun(deps, caller, workflow.plan);
  try {
    await record(deps, run, filled, idempotency);
  } catch (error) {
    // The same call that got ahead may have taken the key, or the last of the credits.
    const mayHaveLostRace = isErrandError(error) && idempotency !== null;
    const winner = mayHaveLostRace ? await findEarlier(deps, caller, idempotency) : null;
    if (winner === null) throw error;
    return { run: winner, workflow: workflow.record, created: false };
  }
  await deps.engine.dispatch({ run, input: filled.input, instruction: filled.instruction ?? null });
  return { run, workflow: workflow.record, created: true };
}

interface Idempotency {
  readonly key: string;
  readonly inputHash: string;
}

function idempotencyOf(params: RunWorkflowParams): Idempotency | null {
  const { idempotencyKey: key, workflowId, input, instruction } = params;
  if (key === undefined) return null;
  if (key === '' || key.length > MAX_IDEMPOTENCY_KEY) {
    throw new ErrandError('invalid_input', `The idempotency key must have 1 to ${MAX_IDEMPOTENCY_KEY} characters.`);
  }
  // Over the input as it was given: a new default in a later version does not make a caller's repeat another call.
  const inputHash = createHash('sha256')
    .update(canonicalJson([workflowId, input, instruction ?? null]))
    .digest('hex');
  return { key, inputHash };
}

async function findEarlier(deps: ServiceDeps, caller: Principal, { key, inputHash }: Idempotency): Promise<Run | null> {
  const found = await deps.store.findRunByIdempotencyKey({ organizationId: caller.organizationId, key });
  if (found === null) return null;
  if (found.inputHash === inputHash) return found.run;
  throw new ErrandError(
    'conflict',
    `The idempotency key "${key}" was used before with another workflow or input. Use a new key for a new run.`,
  );
}

function checkInput(plan: Plan, { input, instruction }: RunWorkflowParams): void {
  if (instruction !== undefined && instruction.length > MAX_INSTRUCTION) {
    throw new ErrandError('invalid_input', `The instruction must have at most ${MAX_INSTRUCTION} characters.`);
  }
  const problems = plan.checkInput(input);
  if (problems.length === 0) return;
  const list = problems.map((problem) => `${problem.path || '/'} ${problem.message}`).join('; ');
  throw new ErrandError('invalid_input', `The input does not fit workflow ${plan.workflowId}: ${list}`, { problems });
}

function newRun(deps: ServiceDeps, caller: Principal, plan: Plan): Run {
  return pendingRun({
    id: deps.newId(),
    organizationId: caller.organizationId,
    workflowId: plan.workflowId,
    workflowName: plan.name,
    workflowVersion: plan.version,
    creditsReserved: plan.credits,
    createdAt: deps.clock.now(),
    nodes: plan.nodes.map(({ id, kind, role, label }) => pendingNode({ id, kind: kind.kind, role, label })),
  });
}

async function record(
  deps: ServiceDeps,
  run: Run,
  { input, instruction }: RunWorkflowParams,
  idempotency: Idempotency | null,
): Promise<void> {
  const created: RunEvent = {
    kind: 'run.created',
    input,
    instruction: instruction ?? null,
    seq: run.version,
    at: run.createdAt,
  };
  const movementId = deps.newId();
  await deps.store.transaction(async (tx) => {
    if (run.creditsReserved > 0) {
      const reserved = await tx.moveCredits(
        {
          id: movementId,
          organizationId: run.organizationId,
          runId: run.id,
          kind: 'reserve',
          reservedDelta: run.creditsReserved,
          usedDelta: 0,
          month: monthOf(run.createdAt),
          at: run.createdAt,
        },
        run.creditsReserved,
      );
      if (!reserved) throw insufficientCredits(run);
    }
    await tx.insertRun({ run, idempotency });
    await tx.appendEvents({ runId: run.id, events: [created] });
  });
}

function insufficientCredits(run: Run): ErrandError {
  return new ErrandError(
    'insufficient_credits',
    `${run.workflowName} costs ${run.creditsReserved} credits, which is more than are available. ` +
      'get_credits tells what is available and when it is reset.',
  );
}
