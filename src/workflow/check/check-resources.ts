import { isFields } from './check-fields.js';
import type { NodeKinds } from './check-node.js';
import { didYouMean } from '../schema/did-you-mean.js';
import type { Faults } from './faults.js';
import type { DefinitionPath } from '../schema/value-text.js';

/** Whether the resources that nodes name are declared, and named where the work is. */
export function checkResources(params: {
  readonly nodes: readonly unknown[];
  readonly kinds: NodeKinds;
  readonly resources: ReadonlySet<string>;
  readonly faults: Faults;
}): void {
  const { nodes, kinds, faults } = params;
  for (const [index, node] of nodes.entries()) {
    const at = ['nodes', index];
    const inner = innerField(node, kinds);
    if (inner === null) {
      checkResource(node, at, params);
      continue;
    }
    if (!isFields(node)) continue;
    const { resource } = node;
    if (resource !== undefined) {
      faults.add([...at, 'resource'], `belongs into "${inner}": each item uses the resource by itself`, resource);
    }
    checkResource(node[inner], [...at, inner], params);
  }
}

/** The field that holds a node of its own. */
function innerField(node: unknown, kinds: NodeKinds): string | null {
  const kind = isFields(node) && typeof node['kind'] === 'string' ? kinds.get(node['kind']) : undefined;
  const found = Object.entries(kind?.fields ?? {}).find(([, field]) => field.role === 'node');
  return found?.[0] ?? null;
}

function checkResource(
  node: unknown,
  at: DefinitionPath,
  { resources, faults }: { readonly resources: ReadonlySet<string>; readonly faults: Faults },
): void {
  const resource = isFields(node) ? node['resource'] : undefined;
  if (typeof resource !== 'string' || resources.has(resource)) return;
  const hint = didYouMean(resource, resources) || '; resources are declared in resources.yaml';
  faults.add([...at, 'resource'], `there is no resource with this name${hint}`, resource);
}
