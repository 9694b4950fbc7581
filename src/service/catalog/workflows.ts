import type { WorkflowRecord } from '../../core/workflow/definition.js';
import { ErrandError } from '../../core/errors.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { CatalogEntry } from '../state/catalog.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { requireScope } from '../use-case/require-scope.js';

export function listWorkflows(deps: ServiceDeps, caller: Principal): readonly WorkflowRecord[] {
  requireScope(caller, 'read');
  return deps.catalog.list(caller.organizationId).map((entry) => entry.record);
}

export function findWorkflow(deps: ServiceDeps, caller: Principal, workflowId: string): CatalogEntry {
  requireScope(caller, 'read');
  const entry = deps.catalog.get(workflowId, caller.organizationId);
  if (entry === null) {
    throw new ErrandError(
      'not_found',
      `There is no workflow "${workflowId}". list_workflows names those that there are.`,
    );
  }
  return entry;
}
