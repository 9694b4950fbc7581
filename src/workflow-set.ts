import type { HandlerRef } from './core/definition.js';
import { ErrandError } from './core/errors.js';
import type { NodeKind } from './core/node-kind.js';
import type { LoadedFolder, LoadedWorkflow } from './loader/load-folder.js';
import type { CatalogSource } from './service/catalog.js';
import { checkDefinition } from './workflow/check-definition.js';
import type { DefinedWorkflow } from './workflow/define-workflow.js';
import { hashWorkflow } from './workflow/hash.js';

/** A workflow that was handed over in code. Throws `invalid_definition` with every fault of it. */
export function sourceOf(
  workflow: DefinedWorkflow,
  kinds: ReadonlyMap<string, NodeKind>,
  resources: ReadonlySet<string> = new Set(),
): CatalogSource {
  const { definition } = workflow;
  const problems = checkDefinition({ definition, kinds, resources }).map(({ path, message }) => ({ path, message }));
  if (problems.length > 0) {
    const list = problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
    throw new ErrandError('invalid_definition', `Workflow ${JSON.stringify(definition.id)} has faults: ${list}`, {
      problems,
    });
  }
  const handlers: { [nodePath: string]: HandlerRef } = {};
  for (const nodeId of Object.keys(workflow.functions)) {
    handlers[nodeId] = { kind: 'inline', workflowId: definition.id, nodeId };
  }
  return { definition, handlers, hash: hashWorkflow({ definition, handlers }) };
}

/**
 * What can be started after a folder was read again. A workflow whose file is there but faulty now stays as it was; one whose
 * file is gone, goes.
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
