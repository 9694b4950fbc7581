import type { HandlerRef, WorkflowDefinition } from '../../core/workflow/definition.js';
import { ErrandError } from '../../core/errors.js';
import type { NodeKind } from '../../core/handlers/node-kind.js';
import type { LoadedFolder, LoadedWorkflow } from '../../loader/load-folder.js';
import type { CatalogSource } from '../../service/state/catalog.js';
import { checkCalls } from '../../workflow/check/check-calls.js';
import { checkDefinition } from '../../workflow/check/check-definition.js';
import type { DefinedWorkflow } from '../../workflow/defined-workflow.js';
import type { DefinitionFault } from '../../workflow/check/fields/faults.js';
import { hashWorkflow } from '../../workflow/plan/hash.js';

/** A workflow that was handed over in code. Throws `invalid_definition` with every fault of it. */
export function describeSource(
  workflow: DefinedWorkflow,
  kinds: ReadonlyMap<string, NodeKind>,
  resources: ReadonlySet<string> = new Set(),
): CatalogSource {
  const { definition } = workflow;
  throwInvalidDefinition(definition, checkDefinition({ definition, kinds, resources }));
  const handlers: { [nodePath: string]: HandlerRef } = {};
  for (const nodeId of Object.keys(workflow.functions)) {
    handlers[nodeId] = { kind: 'inline', workflowId: definition.id, nodeId };
  }
  return { definition, handlers, hash: hashWorkflow({ definition, handlers }) };
}

/**
 * Throws `invalid_definition` when one of the workflows runs another that is not among them, or calls a server that is
 * not there.
 */
export function assertCallsAreFound(
  workflows: readonly DefinedWorkflow[],
  kinds: ReadonlyMap<string, NodeKind>,
  mcpServers: ReadonlySet<string>,
): void {
  const workflowIds = new Set(workflows.map(({ definition }) => definition.id));
  for (const { definition } of workflows)
    throwInvalidDefinition(definition, checkCalls({ definition, kinds, workflowIds, mcpServers }));
}

function throwInvalidDefinition({ id }: WorkflowDefinition, faults: readonly DefinitionFault[]): void {
  if (faults.length === 0) return;
  const problems = faults.map(({ path, message }) => ({ path, message }));
  const list = problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new ErrandError('invalid_definition', `Workflow ${JSON.stringify(id)} has faults: ${list}`, { problems });
}

/**
 * What can be started after a folder was read again. A workflow whose file is there but faulty now stays as it was; one
 * whose file is gone, goes.
 */
export function mergeFolder(
  before: readonly LoadedWorkflow[],
  loaded: LoadedFolder,
  stillThere: (file: string) => boolean,
): readonly LoadedWorkflow[] {
  const read = new Set(loaded.workflows.map(({ file }) => file));
  const taken = new Set(loaded.workflows.map(({ definition }) => definition.id));
  const kept = before.filter(
    ({ file, definition }) => !read.has(file) && !taken.has(definition.id) && stillThere(file),
  );
  return [...loaded.workflows, ...kept];
}
