import type { ApiNode } from '../api-types.js';

/** A node of an answer to `nodes=brief`: of its other fields, those alone that say something. */
export type BriefNode = Pick<ApiNode, 'id' | 'kind' | 'status'> & Partial<ApiNode>;

/** What the fields say that a brief node does not have. */
const SILENT: Omit<ApiNode, 'id' | 'kind' | 'status'> = {
  role: null,
  label: null,
  attempt: 0,
  progress: 0,
  message: null,
  findings: null,
  error: null,
  used_fallback: false,
  waiting_for: null,
  held_up_by: null,
  waiting_until: null,
  question: null,
  event: null,
  child_run_id: null,
  items: null,
  rounds: null,
  inner: [],
  usage: null,
  started_at: null,
  completed_at: null,
};

const NAMES = Object.keys(SILENT) as (keyof typeof SILENT)[];

/** Leaves out the fields that are null, false, 0 or an empty list: of most nodes, two thirds of the text. */
export function abridgeNode(node: ApiNode): BriefNode {
  const { id, kind, status } = node;
  const brief: Record<string, unknown> & Pick<ApiNode, 'id' | 'kind' | 'status'> = { id, kind, status };
  // A loop over names that are known: runs have very many nodes.
  for (const name of NAMES) {
    const value = node[name];
    if (value === null || value === false || value === 0) continue;
    if (name !== 'inner') brief[name] = value;
    else if (node.inner.length > 0) brief[name] = node.inner.map(abridgeNode);
  }
  return brief;
}

export function completeNode(brief: BriefNode): ApiNode {
  const node = { ...SILENT, ...brief };
  return node.inner.length === 0 ? node : { ...node, inner: node.inner.map(completeNode) };
}
