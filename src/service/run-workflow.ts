import { createHash } from 'node:crypto';
import { ErrandError, isErrandError } from '../core/errors.js';
import type { Principal } from '../core/principal.js';
import type { Run } from '../core/run.js';
import { canonicalJson } from '../workflow/hash.js';
import { acceptRun, type Idempotency } from './accept-run.js';
import type { ServiceDeps } from './deps.js';
import type { RunWorkflowParams, RunWorkflowResult } from './services.js';
import { findWorkflow } from './workflows.js';

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
  try {
    const { organizationId } = caller;
    const { plan } = workflow;
    const { input, instruction = null, priority } = params;
    const run = await acceptRun(deps, {
      organizationId,
      plan,
      input,
      instruction,
      idempotency,
      assertAccepting: true,
      ...(priority === undefined ? {} : { priority }),
    });
    return { run, workflow: workflow.record, created: true };
  } catch (error) {
    // The same call that got ahead may have taken the key, or the last of the credits.
    const mayHaveLostRace = isErrandError(error) && idempotency !== null;
    const winner = mayHaveLostRace ? await findEarlier(deps, caller, idempotency) : null;
    if (winner === null) throw error;
    return { run: winner, workflow: workflow.record, created: false };
  }
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
