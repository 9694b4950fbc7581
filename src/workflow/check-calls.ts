import type { WorkflowDefinition } from '../core/definition.js';
import type { NodeKind } from '../core/node-kind.js';
import { didYouMean } from './did-you-mean.js';
import { type DefinitionFault, Faults } from './faults.js';
import type { DefinitionPath } from './value-text.js';

/** Whether the workflows that nodes name are among those that there are. One that an expression names is known only when it runs. */
export function checkCalls(params: {
  readonly definition: WorkflowDefinition;
  readonly kinds: ReadonlyMap<string, NodeKind>;
  readonly workflowIds: ReadonlySet<string>;
}): readonly DefinitionFault[] {
  const { definition, kinds, workflowIds } = params;
  const faults = new Faults();
  for (const [index, node] of definition.nodes.entries()) {
    for (const { at, id } of findNamed(kinds.get(node.kind)?.fields ?? {}, node)) {
      if (workflowIds.has(id)) continue;
      faults.add(['nodes', index, ...at], `there is no workflow with this id${didYouMean(id, workflowIds)}`, id);
    }
  }
  return faults.list;
}

function findNamed(
  fields: NodeKind['fields'],
  holder: { readonly [field: string]: unknown },
): { readonly at: DefinitionPath; readonly id: string }[] {
  return Object.entries(fields).flatMap(([field, { names, items }]) => {
    const value = holder[field];
    if (items !== undefined && Array.isArray(value)) {
      return (value as readonly { readonly [field: string]: unknown }[]).flatMap((item, index) =>
        findNamed(items, item).map(({ at, id }) => ({ at: [field, index, ...at], id })),
      );
    }
    return names === 'workflow' && typeof value === 'string' && !value.includes('{{')
      ? [{ at: [field], id: value }]
      : [];
  });
}
