import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import type { ChangedField, ChangedNode, DefinitionDiff } from '../../core/workflow/definition-diff.js';
import type { WorkflowDefinition } from '../../core/workflow/definition.js';
import { creditCeiling } from '../../core/workflow/price.js';
import type { NodeKinds } from '../../workflow/check/check-node.js';
import { diffInputSchemas } from './diff-schemas.js';

/** What differs between two definitions, for who calls them and for who reads them. */
export function diffDefinitions(before: Json, after: Json, kinds: NodeKinds): DefinitionDiff {
  const [old, fresh] = [toObject(before), toObject(after)];
  const input = diffInputSchemas(old['input'], fresh['input']);
  return {
    nodes: diffNodes(collectNodes(old['nodes'], kinds), collectNodes(fresh['nodes'], kinds)),
    fields: diffFields(old, fresh, APART),
    input,
    credits: { before: creditsOf(old), after: creditsOf(fresh) },
    breaking: input.some(({ breaking }) => breaking),
  };
}

/** Told apart from the other fields of a workflow. */
const APART: ReadonlySet<string> = new Set(['nodes', 'input']);

const NOTHING: JsonObject = {};

function toObject(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : NOTHING;
}

/** What a run reserves; a draft may have faults. */
function creditsOf(definition: JsonObject): number {
  const { credits, nodes } = definition;
  if (!isJsonObject(credits)) return typeof credits === 'number' ? credits : 0;
  if (typeof credits['max'] === 'number') return credits['max'];
  const own = Object.values(isJsonObject(credits['nodes']) ? credits['nodes'] : NOTHING);
  const isReadable = Array.isArray(nodes) && nodes.every(isJsonObject) && own.every(isJsonObject);
  return isReadable ? creditCeiling(definition as unknown as WorkflowDefinition) : 0;
}

interface FlatNode {
  readonly kind: string;
  /** Without the nodes inside it. */
  readonly fields: JsonObject;
}

/** Every node by its path, as runs name them: `review.draft`, `each.do`. */
function collectNodes(nodes: Json | undefined, kinds: NodeKinds, prefix = ''): ReadonlyMap<string, FlatNode> {
  const found = new Map<string, FlatNode>();
  for (const node of Array.isArray(nodes) ? (nodes as readonly Json[]) : [])
    if (isJsonObject(node) && typeof node['id'] === 'string') collectNode(node, prefix + node['id'], kinds, found);
  return found;
}

function collectNode(node: JsonObject, path: string, kinds: NodeKinds, found: Map<string, FlatNode>): void {
  const { kind } = node;
  const specs = (typeof kind === 'string' ? kinds.get(kind)?.fields : undefined) ?? {};
  const held = Object.keys(specs).filter((name) => specs[name]?.role === 'node' || specs[name]?.role === 'nodes');
  const fields = Object.fromEntries(Object.entries(node).filter(([name]) => name !== 'id' && !held.includes(name)));
  found.set(path, { kind: typeof kind === 'string' ? kind : '', fields });
  for (const name of held) {
    const inner = node[name];
    if (isJsonObject(inner)) collectNode(inner, `${path}.${name}`, kinds, found);
    else for (const [id, each] of collectNodes(inner, kinds, `${path}.`)) found.set(id, each);
  }
}

function diffNodes(
  before: ReadonlyMap<string, FlatNode>,
  after: ReadonlyMap<string, FlatNode>,
): DefinitionDiff['nodes'] {
  const changed: ChangedNode[] = [];
  for (const [id, node] of after) {
    const earlier = before.get(id);
    const fields = earlier === undefined ? [] : diffFields(earlier.fields, node.fields);
    if (fields.length > 0) changed.push({ id, kind: node.kind, fields });
  }
  const only = (these: ReadonlyMap<string, FlatNode>, those: ReadonlyMap<string, FlatNode>) =>
    [...these].flatMap(([id, { kind }]) => (those.has(id) ? [] : [{ id, kind }]));
  return { added: only(after, before), removed: only(before, after), changed };
}

function diffFields(before: JsonObject, after: JsonObject, apart: ReadonlySet<string> = NONE): readonly ChangedField[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((field): ChangedField[] => {
    if (apart.has(field)) return [];
    const [old, fresh] = [valueOf(before, field), valueOf(after, field)];
    if (isSame(old, fresh)) return [];
    return [{ field, ...(old === undefined ? {} : { before: old }), ...(fresh === undefined ? {} : { after: fresh }) }];
  });
}

const NONE: ReadonlySet<string> = new Set();

function valueOf(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return a === undefined || b === undefined ? a === b : canonicalJson(a) === canonicalJson(b);
}
