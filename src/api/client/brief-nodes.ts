import type { ApiNode } from '../api-types.js';
import type { ApiGraphNode } from '../run-plan-types.js';

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

/** A literal: to spread very many nodes takes several times as long. */
export function completeNode(brief: BriefNode): ApiNode {
  return {
    id: brief.id,
    kind: brief.kind,
    role: brief.role ?? SILENT.role,
    label: brief.label ?? SILENT.label,
    status: brief.status,
    attempt: brief.attempt ?? SILENT.attempt,
    progress: brief.progress ?? SILENT.progress,
    message: brief.message ?? SILENT.message,
    findings: brief.findings ?? SILENT.findings,
    error: brief.error ?? SILENT.error,
    used_fallback: brief.used_fallback ?? SILENT.used_fallback,
    waiting_for: brief.waiting_for ?? SILENT.waiting_for,
    held_up_by: brief.held_up_by ?? SILENT.held_up_by,
    waiting_until: brief.waiting_until ?? SILENT.waiting_until,
    question: brief.question ?? SILENT.question,
    event: brief.event ?? SILENT.event,
    child_run_id: brief.child_run_id ?? SILENT.child_run_id,
    items: brief.items ?? SILENT.items,
    rounds: brief.rounds ?? SILENT.rounds,
    inner: brief.inner?.map(completeNode) ?? SILENT.inner,
    usage: brief.usage ?? SILENT.usage,
    started_at: brief.started_at ?? SILENT.started_at,
    completed_at: brief.completed_at ?? SILENT.completed_at,
  };
}

/** A node of the graph of a run, asked for with `nodes=brief`. */
export type BriefGraphNode = Pick<ApiGraphNode, 'id' | 'kind'> &
  Partial<Omit<ApiGraphNode, 'id' | 'kind' | 'nodes'>> & { readonly nodes?: readonly BriefGraphNode[] };

/** What the fields of most nodes of a graph say, and a brief one does not. */
const USUAL: Omit<ApiGraphNode, 'id' | 'kind'> = {
  needs: [],
  join: 'all',
  conditional: false,
  inner_kind: null,
  nodes: [],
  numbered: false,
};

export function abridgeGraphNode(node: ApiGraphNode): BriefGraphNode {
  const { id, kind, needs, join, conditional, inner_kind, nodes, numbered } = node;
  const brief: { -readonly [Field in keyof BriefGraphNode]: BriefGraphNode[Field] } = { id, kind };
  if (needs.length > 0) brief.needs = needs;
  if (join !== 'all') brief.join = join;
  if (conditional) brief.conditional = conditional;
  if (inner_kind !== null) brief.inner_kind = inner_kind;
  if (nodes.length > 0) brief.nodes = nodes.map(abridgeGraphNode);
  if (numbered) brief.numbered = numbered;
  return brief;
}

export function completeGraphNode(brief: BriefGraphNode): ApiGraphNode {
  return {
    id: brief.id,
    kind: brief.kind,
    needs: brief.needs ?? USUAL.needs,
    join: brief.join ?? USUAL.join,
    conditional: brief.conditional ?? USUAL.conditional,
    inner_kind: brief.inner_kind ?? USUAL.inner_kind,
    nodes: brief.nodes?.map(completeGraphNode) ?? USUAL.nodes,
    numbered: brief.numbered ?? USUAL.numbered,
  };
}
