import { HOST_LIMITS } from '../../../core/tool-form/host-limits.js';
import { isDescriptionCut, shortToolName } from '../../../core/tool-form/tool-text.js';
import { argumentsForm, workflowToolFacts } from '../../../core/tool-form/workflow-tool-text.js';
import type { WorkflowDefinition } from '../../../core/workflow/definition.js';
import type { DefinitionPath } from '../../schema/value-text.js';
import { Faults, type DefinitionFault } from '../fields/faults.js';

/**
 * Where a workflow's tool is shown to hosts in another way than it was written, because some of them refuse it as it
 * is. Nothing is wrong with the definition, and what is called is held against it as it was written.
 */
export function findToolWarnings(definition: WorkflowDefinition): readonly DefinitionFault[] {
  if (definition.publish === false) return [];
  const warnings = new Faults();
  const { id, description } = definition;
  const name = shortToolName(id);
  if (name !== id) {
    warnings.add(
      ['id'],
      `as a tool it is called ${name}: hosts take names of at most ${HOST_LIMITS.toolName} characters`,
    );
  }
  if (isDescriptionCut(description, workflowToolFacts(definition))) {
    const told = `its end is not shown to hosts: they take ${HOST_LIMITS.description} characters, with what a call costs and how long it waits`;
    warnings.add(['description'], told);
  }
  for (const { path, message } of argumentsForm(definition).changes)
    warnings.add(['input', ...inSchema(path)], message);
  return warnings.list;
}

/** Where properties stand that are named by their names alone. */
function inSchema(path: readonly string[]): DefinitionPath {
  return path.flatMap((name) => (name === '*' ? ['items'] : ['properties', name]));
}
