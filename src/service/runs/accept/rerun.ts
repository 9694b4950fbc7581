import { ErrandError } from '../../../core/errors.js';
import { shorten } from '../../../core/text/cut-text.js';
import type { RunEvent } from '../../../core/run/events.js';
import type { Principal } from '../../../core/tenant/principal.js';
import { isTerminal, type Run } from '../../../core/run/run.js';
import { workflowKeyOfRun } from '../../../core/workflow/workflow-key.js';
import { carryOver } from '../../../workflow/progress/carry-over.js';
import type { Plan } from '../../../workflow/plan/plan.js';
import { acceptOnce } from './run-workflow.js';
import { startFact } from '../../audit/run-fact.js';
import { acceptRun, type AcceptRunParams } from './accept-run.js';
import type { ServiceDeps } from '../../use-case/deps.js';
import { requireScope } from '../../use-case/require-scope.js';
import { readRunLog } from '../read-run-log.js';
import { getRun, getRunInput } from '../runs.js';
import type { RerunParams, RerunResult } from '../../interface/services.js';

/** Does the work of an earlier run once more, in a run of its own. It costs what a run of the workflow costs. */
export async function rerun(deps: ServiceDeps, caller: Principal, params: RerunParams): Promise<RerunResult> {
  requireScope(caller, 'run');
  const earlier = await getRun(deps, caller, params.runId);
  if (params.fromNode !== undefined && params.input !== undefined) {
    throw new ErrandError(
      'invalid_input',
      'A rerun from a node takes the outcomes of the earlier run, and so its input: give one of the two.',
    );
  }
  const given = await getRunInput(deps, caller, params.runId);
  const { input = given.input, instruction = given.instruction, fromNode = null, priority } = params;
  const { tags = earlier.tags, metadata = earlier.metadata } = params;
  return acceptOnce(deps, {
    organizationId: earlier.organizationId,
    key: params.idempotencyKey,
    asked: ['rerun', earlier.id, input, instruction, params.sameVersion === true, fromNode],
    // Only here: what the earlier run has come to since is nothing to a repeat.
    accept: async (idempotency) => {
      const plan = await findPlan(deps, earlier, params);
      return acceptRun(deps, {
        organizationId: earlier.organizationId,
        plan,
        input,
        instruction,
        idempotency,
        assertAccepting: true,
        rerunOf: { runId: earlier.id, fromNode },
        audit: startFact(deps, caller, 'run.rerun'),
        ...(fromNode === null ? {} : { takenOver: await takeOver(deps, { plan, earlier, fromNode }) }),
        ...(priority === undefined ? {} : { priority }),
        ...(tags === undefined ? {} : { tags }),
        ...(metadata === undefined ? {} : { metadata }),
      });
    },
  });
}

async function findPlan({ catalog }: ServiceDeps, earlier: Run, { sameVersion }: RerunParams): Promise<Plan> {
  const { workflowId, organizationId } = earlier;
  if (sameVersion === true)
    return catalog.planOf({ workflowId: workflowKeyOfRun(earlier), version: earlier.workflowVersion });
  const entry = catalog.get(workflowId, organizationId);
  if (entry !== null) return entry.plan;
  throw new ErrandError(
    'not_found',
    `Workflow "${workflowId}" cannot be started any more. Rerun it on the same version, which is kept.`,
  );
}

/** What the nodes that do not depend on `fromNode` have come to, as the events that say so. */
async function takeOver(
  deps: ServiceDeps,
  params: { readonly plan: Plan; readonly earlier: Run; readonly fromNode: string },
): Promise<NonNullable<AcceptRunParams['takenOver']>> {
  const { plan, earlier, fromNode } = params;
  if (!plan.nodes.some(({ id }) => id === fromNode)) {
    const ids = plan.nodes.map(({ id }) => id).join(', ');
    throw new ErrandError(
      'invalid_input',
      `Workflow ${plan.workflowId} has no node "${shorten(fromNode, 100)}"; it has ${shorten(ids, 1_000)}.`,
    );
  }
  if (!isTerminal(earlier.status)) {
    throw new ErrandError('conflict', `The run is ${earlier.status}: it can be rerun from a node once it has ended.`);
  }
  return carryOver({ plan, fromNode, nodes: earlier.nodes, log: readUpTo(deps, earlier) });
}

/**
 * The log as far as the record goes: somebody may be retrying the run, and what comes of that is of another time than
 * the rest.
 */
async function* readUpTo(deps: ServiceDeps, { id, version }: Run): AsyncGenerator<RunEvent> {
  for await (const event of readRunLog(deps, id)) {
    if (event.seq > version) return;
    yield event;
  }
}
