import type { Principal } from '../../../core/tenant/principal.js';
import type { WorkflowRecord } from '../../../core/workflow/definition.js';
import { acceptRun, type AcceptRunParams } from './accept-run.js';
import type { ServiceDeps } from '../../use-case/deps.js';
import type { RunWorkflowParams, RunWorkflowResult } from '../../interface/services.js';
import { requireScope } from '../../use-case/require-scope.js';
import { startFact } from '../../audit/run-fact.js';
import { findWorkflow } from '../../catalog/workflows.js';
import { ErrandError, isErrandError } from '../../../core/errors.js';
import type { Json } from '../../../core/json.js';
import type { Run } from '../../../core/run/run.js';
import type { RunCallback } from '../../../core/webhooks/webhook.js';
import { ensureCallbacks, findUrlProblem } from '../../webhooks/webhooks.js';
import type { Idempotency } from '../../../core/ports/store/run-store.js';
import { checkIdempotencyKey, hashCall } from '../../use-case/make-once.js';

/** Starts a run: checked, recorded with its credits reserved, then handed to the engine. A refusal leaves no trace. */
export async function runWorkflow(
  deps: ServiceDeps,
  caller: Principal,
  params: RunWorkflowParams,
): Promise<RunWorkflowResult> {
  requireScope(caller, 'run');
  const reading = readRequest(deps, caller, params);
  const { record, accept, asked } = reading instanceof Promise ? await reading : reading;
  const { idempotencyKey: key } = params;
  if (key === undefined) return { workflow: record, run: await acceptRun(deps, accept), created: true };
  const accepted = await acceptOnce(deps, {
    organizationId: caller.organizationId,
    key,
    asked: asked(),
    accept: (idempotency) => acceptRun(deps, { ...accept, idempotency }),
  });
  return { workflow: record, ...accepted };
}

/** What a call asks for. */
export interface RunRequest {
  readonly record: WorkflowRecord;
  /** What makes two calls with one idempotency key the same. */
  readonly asked: () => Json;
  readonly accept: AcceptRunParams;
}

/** At once, unless there is a callback to make ready. */
export function readRequest(
  deps: ServiceDeps,
  caller: Principal,
  params: RunWorkflowParams,
): RunRequest | Promise<RunRequest> {
  const found = findWorkflow(deps, caller, params.workflowId);
  return params.callback === undefined
    ? toRequest(deps, caller, params, found)
    : takeCallback(deps, caller, params.callback).then((callback) =>
        toRequest(deps, caller, params, { ...found, callback }),
      );
}

function toRequest(
  deps: Pick<ServiceDeps, 'auditStarts' | 'clock'>,
  caller: Principal,
  { workflowId, input, instruction: given, priority, tags, metadata }: RunWorkflowParams,
  { record, plan, callback }: ReturnType<typeof findWorkflow> & { readonly callback?: RunCallback },
): RunRequest {
  const instruction = given ?? null;
  const { organizationId, keyId } = caller;
  return {
    record,
    asked: () => [workflowId, input, instruction, ...(callback === undefined ? [] : [askedOf(callback)])],
    accept: {
      organizationId,
      plan,
      input,
      instruction,
      idempotency: null,
      assertAccepting: true,
      priority,
      callback,
      tags,
      metadata,
      audit: deps.auditStarts === true && keyId !== null ? startFact(deps, caller, 'run.start') : undefined,
    },
  };
}

/** Checked, and with something to sign its messages with. */
async function takeCallback(
  deps: ServiceDeps,
  { organizationId }: Principal,
  { url, events }: RunCallback,
): Promise<RunCallback> {
  const problem = findUrlProblem(url);
  if (problem !== null) {
    const problems = [{ path: '/callback', message: problem }];
    throw new ErrandError('invalid_input', `The callback ${problem}.`, { problems });
  }
  await ensureCallbacks(deps, organizationId);
  return { url, events };
}

const askedOf = ({ url, events }: RunCallback): Json => ({ url, events: [...events] });

export interface AcceptOnceParams {
  readonly organizationId: string;
  readonly key: string | undefined;
  /**
   * What the call asked for, as it was given: a new default in a later version does not make a caller's repeat another
   * call.
   */
  readonly asked: Json;
  readonly accept: (idempotency: Idempotency | null) => Promise<Run>;
}

/** Accepts a run, once for an idempotency key: a repeat gets the run of the first call, and another call `conflict`. */
export async function acceptOnce(
  deps: Pick<ServiceDeps, 'store'>,
  params: AcceptOnceParams,
): Promise<{ readonly run: Run; readonly created: boolean }> {
  const { key, asked, accept } = params;
  if (key === undefined) return { run: await accept(null), created: true };
  checkIdempotencyKey(key);
  const idempotency = { key, inputHash: hashCall(asked) };
  const earlier = await findEarlier(deps, params, idempotency);
  if (earlier !== null) return { run: earlier, created: false };
  try {
    return { run: await accept(idempotency), created: true };
  } catch (error) {
    // The same call that got ahead may have taken the key, or the last of the credits.
    const winner = isErrandError(error) ? await findEarlier(deps, params, idempotency) : null;
    if (winner === null) throw error;
    return { run: winner, created: false };
  }
}

/** The run of an earlier call with this key; throws `conflict` when that asked for something else. */
export async function findEarlier(
  { store }: Pick<ServiceDeps, 'store'>,
  { organizationId }: Pick<AcceptOnceParams, 'organizationId'>,
  { key, inputHash }: Idempotency,
): Promise<Run | null> {
  const found = await store.runs.findByIdempotencyKey({ organizationId, key });
  if (found === null) return null;
  if (found.inputHash === inputHash) return found.run;
  throw new ErrandError(
    'conflict',
    `The idempotency key "${key}" was used before with another workflow or input. Use a new key for a new run.`,
  );
}
