import { type Fields, isFields } from './fields/check-fields.js';
import { kindOf } from './fields/kind-of.js';
import type { NodeKinds } from './check-node.js';
import { didYouMean } from '../schema/did-you-mean.js';
import type { Faults } from './fields/faults.js';
import type { DefinitionPath } from '../schema/value-text.js';

interface ResourcesToCheck {
  readonly kinds: NodeKinds;
  readonly resources: ReadonlySet<string>;
  readonly faults: Faults;
}

/** Whether the resources that nodes name are declared, and named where the work is. */
export function checkResources(params: ResourcesToCheck & { readonly nodes: readonly unknown[] }): void {
  for (const [index, node] of params.nodes.entries()) checkNode(node, ['nodes', index], params);
}

function checkNode(node: unknown, at: DefinitionPath, params: ResourcesToCheck): void {
  if (!isFields(node)) return;
  const held = findHeld(node, params.kinds);
  if (held === null) {
    checkResource(node, at, params);
    return;
  }
  const { field, role } = held;
  const { resource } = node;
  if (resource !== undefined) {
    const who = role === 'node' ? 'each item uses' : 'each of those nodes uses';
    params.faults.add([...at, 'resource'], `belongs into "${field}": ${who} the resource by itself`, resource);
  }
  const inside: unknown = node[field];
  if (role === 'node') checkNode(inside, [...at, field], params);
  else if (Array.isArray(inside)) {
    for (const [index, each] of (inside as readonly unknown[]).entries())
      checkNode(each, [...at, field, index], params);
  }
}

/** The field that holds nodes of its own. */
function findHeld(node: Fields, kinds: NodeKinds): { readonly field: string; readonly role: 'node' | 'nodes' } | null {
  const kind = kindOf(kinds, node);
  for (const [field, { role }] of Object.entries(kind?.fields ?? {})) {
    if (role === 'node' || role === 'nodes') return { field, role };
  }
  return null;
}

function checkResource(node: Fields, at: DefinitionPath, { resources, faults }: ResourcesToCheck): void {
  const { resource } = node;
  if (typeof resource !== 'string' || resources.has(resource)) return;
  const hint = didYouMean(resource, resources) || '; resources are declared in resources.yaml';
  faults.add([...at, 'resource'], `there is no resource with this name${hint}`, resource);
}
