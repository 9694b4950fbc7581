import type { WorkflowDefinition } from '../core/definition.js';
import type { NodeKind } from '../core/node-kind.js';
import { didYouMean } from './did-you-mean.js';
import { type DefinitionFault, Faults } from './faults.js';

/** Whether the workflows that nodes name are among those that there are. One that an expression names is known only when it runs. */
export function checkCalls(params: {
  readonly definition: WorkflowDefinition;
  readonly kinds: ReadonlyMap<string, NodeKind>;
  readonly workflowIds: ReadonlySet<string>;
}): readonly DefinitionFault[] {
  const { definition, kinds, workflowIds } = params;
  const faults = new Faults();
  for (const [index, node] of definition.nodes.entries()) {
    for (const [field, spec] of Object.entries(kinds.get(node.kind)?.fields ?? {})) {
      const named = node[field];
      if (spec.names !== 'workflow' || typeof named !== 'string' || named.includes('{{')) continue;
      if (workflowIds.has(named)) continue;
      faults.add(['nodes', index, field], `there is no workflow with this id${didYouMean(named, workflowIds)}`, named);
    }
  }
  return faults.list;
}
