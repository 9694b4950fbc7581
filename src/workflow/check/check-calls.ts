import type { WorkflowDefinition } from '../../core/workflow/definition.js';
import type { FieldSpec, NodeKind } from '../../core/handlers/node-kind.js';
import type { Fields } from './fields/check-fields.js';
import { findFieldHolders } from './field-holders.js';
import { didYouMean } from '../schema/did-you-mean.js';
import { type DefinitionFault, Faults } from './fields/faults.js';
import type { DefinitionPath } from '../schema/value-text.js';

/**
 * Whether the workflows and MCP servers that nodes name are among those that there are. One that an expression names is
 * known only when it runs.
 */
export function checkCalls(params: {
  readonly definition: WorkflowDefinition;
  readonly kinds: ReadonlyMap<string, NodeKind>;
  readonly workflowIds: ReadonlySet<string>;
  /** When not given, any may be named. */
  readonly mcpServers?: ReadonlySet<string>;
}): readonly DefinitionFault[] {
  const { definition, kinds, workflowIds, mcpServers } = params;
  const faults = new Faults();
  for (const [index, node] of definition.nodes.entries()) {
    for (const { at, id, names } of findNamedByNode(kinds, node)) {
      const place = ['nodes', index, ...at];
      if (names === 'workflow' && !workflowIds.has(id)) {
        faults.add(place, `there is no workflow with this id${didYouMean(id, workflowIds)}`, id);
      } else if (names === 'mcp_server' && mcpServers !== undefined && !mcpServers.has(id)) {
        const hint = didYouMean(id, mcpServers) || '; servers are declared in mcp-servers.yaml';
        faults.add(place, `there is no MCP server with this name${hint}`, id);
      }
    }
  }
  return faults.list;
}

/** What a field of a node names, and where. */
export interface NamedCall {
  readonly at: DefinitionPath;
  readonly id: string;
  readonly names: NonNullable<FieldSpec['names']>;
  /** In an item of a list: the node can do without. */
  readonly listed: boolean;
}

/** In the node and in all that it holds; what an expression names is not known yet. */
export function findNamedByNode(kinds: ReadonlyMap<string, NodeKind>, node: Fields): NamedCall[] {
  return findFieldHolders(kinds, node).flatMap(({ at, specs, values, listed }) =>
    Object.entries(specs).flatMap(([field, { names }]): NamedCall[] => {
      const value = values[field];
      return names !== undefined && typeof value === 'string' && !value.includes('{{')
        ? [{ at: [...at, field], id: value, names, listed }]
        : [];
    }),
  );
}
