import { ErrandError } from '../../core/errors.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { WorkflowDefinition } from '../../core/workflow/definition.js';
import type { DryRun } from '../../core/workflow/dry-run.js';
import type { TryWorkflowParams } from '../interface/authoring.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { checkText, planOfText } from './check-text.js';
import { readDraft } from './drafts.js';
import { findOwner } from './owner.js';

/** Runs a definition of which nothing is kept, and which reaches nothing. */
export async function tryWorkflow(deps: ServiceDeps, caller: Principal, params: TryWorkflowParams): Promise<DryRun> {
  const { dryRuns, catalog } = deps;
  const owner = await findOwner(deps, caller, params);
  if (dryRuns === undefined) throw new ErrandError('unavailable', 'This server makes no dry runs.');
  const text = 'draftId' in params ? await readDraft(deps, owner, params.draftId) : params;
  const { definition, checked } = await checkText(deps, owner, text);
  if (definition === undefined || checked.faultCount > 0) {
    const problems = checked.faults.map(({ path, message }) => ({ path, message }));
    const told = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
    throw new ErrandError('invalid_definition', `It cannot be tried, as it has faults: ${told}`, { problems });
  }
  const { workflowId, calls } = await planOfText(deps, owner, definition);
  const called = calls.flatMap((id) => {
    const entry = id === workflowId ? null : catalog.get(id, owner.organizationId);
    return entry === null ? [] : [entry.record.version.definition];
  });
  const { input = {}, instruction = null, outcomes = {} } = params;
  return dryRuns.run({
    organizationId: owner.shownTo,
    definition: definition as unknown as WorkflowDefinition,
    called,
    input,
    instruction,
    outcomes,
  });
}
