import type { Principal } from '../../../core/tenant/principal.js';
import { acceptOnce } from './accept-once.js';
import { acceptRun } from './accept-run.js';
import type { ServiceDeps } from '../../use-case/deps.js';
import type { RunWorkflowParams, RunWorkflowResult } from '../../interface/services.js';
import { requireScope } from '../../use-case/require-scope.js';
import { findWorkflow } from '../../catalog/workflows.js';

/** Starts a run: checked, recorded with its credits reserved, then handed to the engine. A refusal leaves no trace. */
export async function runWorkflow(
  deps: ServiceDeps,
  caller: Principal,
  params: RunWorkflowParams,
): Promise<RunWorkflowResult> {
  requireScope(caller, 'run');
  const { record, plan } = findWorkflow(deps, caller, params.workflowId);
  const { organizationId } = caller;
  const { input, instruction = null, priority } = params;
  const accepted = await acceptOnce(deps, {
    organizationId,
    key: params.idempotencyKey,
    asked: [params.workflowId, input, instruction],
    accept: (idempotency) =>
      acceptRun(deps, {
        organizationId,
        plan,
        input,
        instruction,
        idempotency,
        assertAccepting: true,
        ...(priority === undefined ? {} : { priority }),
      }),
  });
  return { workflow: record, ...accepted };
}
