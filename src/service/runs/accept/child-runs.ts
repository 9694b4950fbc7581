import { parseOutput } from '../../../core/run/output-json.js';
import { ErrandError, isErrandError } from '../../../core/errors.js';
import { SharedCalls } from '../../../core/models/shared-calls.js';
import { isTerminal, type Run } from '../../../core/run/run.js';
import type { ChildRuns, StartChildParams } from '../../../runner/ports/child-runs.js';
import type { Plan } from '../../../workflow/plan/plan.js';
import { acceptRun } from './accept-run.js';
import type { ServiceDeps } from '../../use-case/deps.js';

export type ChildRunsDeps = Pick<
  ServiceDeps,
  | 'store'
  | 'engine'
  | 'catalog'
  | 'clock'
  | 'newId'
  | 'billingDays'
  | 'creditAlerts'
  | 'models'
  | 'tracing'
  | 'secretValues'
>;

/** Lets runs start runs, of their own organization and at its cost. What a caller would be refused, they are too. */
export function createChildRuns(depsOf: () => ChildRunsDeps): ChildRuns {
  return {
    start: (params) => startChild(depsOf(), params),
    describe: ({ workflowId, owner }) => {
      const entry = depsOf().catalog.get(workflowId, owner);
      if (entry === null) return null;
      const { name, description, output = null } = entry.record.version.definition;
      return { name, description, inputSchema: entry.plan.inputSchema, outputSchema: output };
    },
    get: async (params) => {
      const run = await depsOf().store.runs.get(params);
      if (run !== null) await parseOutput(run);
      return run;
    },
    listBudgets: (params) => depsOf().store.runs.listBudgets(params),
    sharedCalls: new SharedCalls(),
    cancel: async ({ organizationId, runId, reason }) => {
      const { store, engine } = depsOf();
      const run = await store.runs.get({ organizationId, runId });
      if (run === null || isTerminal(run.status)) return;
      try {
        await engine.cancel({ run, reason });
      } catch (error) {
        // It has ended by itself meanwhile.
        if (!isErrandError(error) || error.code !== 'conflict') throw error;
      }
    },
  };
}

async function startChild(deps: ChildRunsDeps, params: StartChildParams): Promise<Run> {
  const earlier = await findStarted(deps, params);
  if (earlier !== null) return earlier;
  const { organizationId, key: childKey, parent, sharedBudgets, input, instruction, priority } = params;
  const plan = await findPlan(deps, params);
  const start = {
    organizationId,
    plan,
    input,
    instruction,
    priority,
    idempotency: null,
    parent,
    sharedBudgets,
    childKey,
  };
  const isIncluded = params.isIncluded === true && !deps.catalog.isForeign(plan, params.owner);
  const credits = isIncluded ? { credits: 0 } : {};
  try {
    return await acceptRun(deps, { ...start, ...credits, assertAccepting: false });
  } catch (error) {
    // The same start that got ahead may have taken the key, or the last of the credits.
    const winner = isErrandError(error) ? await findStarted(deps, params) : null;
    if (winner === null) throw error;
    return winner;
  }
}

function findStarted({ store }: ChildRunsDeps, { organizationId, parent, key }: StartChildParams): Promise<Run | null> {
  return store.runs.findChild({ organizationId, parentRunId: parent.runId, key });
}

/** A workflow for all runs those for all, whatever an organization has of the same id. */
async function findPlan({ catalog }: ChildRunsDeps, { workflowId, version, owner }: StartChildParams): Promise<Plan> {
  if (version !== null) return catalog.planNamed({ workflowId, version, owner });
  const entry = catalog.get(workflowId, owner);
  if (entry === null) throw new ErrandError('not_found', `There is no workflow "${workflowId}".`);
  return entry.plan;
}
