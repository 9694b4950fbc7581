import type { DraftSummary } from '../ports/store/workflows/draft-store.js';
import { tellMoment } from '../time/moment.js';
import type { CheckedText } from '../workflow/checked-text.js';
import type { DryRun } from '../workflow/dry-run.js';
import type { DefinitionDiff } from '../workflow/definition-diff.js';
import type { RunGraphNode } from '../workflow/graph-node.js';
import { renderEstimate } from './render-estimate.js';

export type GraphNodeView = Omit<RunGraphNode, 'innerKind' | 'nodes'> & {
  readonly inner_kind: string | null;
  readonly nodes: readonly GraphNodeView[];
};

/** A literal: there may be very many. */
export function renderGraphNode(node: RunGraphNode): GraphNodeView {
  const { id, kind, needs, join, conditional, innerKind, nodes, numbered } = node;
  return { id, kind, needs, join, conditional, inner_kind: innerKind, nodes: nodes.map(renderGraphNode), numbered };
}

/** As REST and Errand's own contract show it. */
export function renderChecked(checked: CheckedText) {
  const { workflowId, name, faults, faultCount, warnings, graph, inputSchema, outputSchema, estimate } = checked;
  const ids = new Set(graph.map(({ id }) => id));
  return {
    ok: faultCount === 0,
    workflow_id: workflowId,
    name,
    faults,
    fault_count: faultCount,
    warnings,
    graph: {
      nodes: graph.map(renderGraphNode),
      edges: graph.flatMap(({ id: to, needs }) => needs.filter((need) => ids.has(need)).map((from) => ({ from, to }))),
    },
    input_schema: inputSchema,
    output_schema: outputSchema,
    estimate: estimate === null ? null : renderEstimate(estimate),
    published_version: checked.published,
  };
}

/** As REST and Errand's own contract show it. */
export function renderDryRun({ error, waitedMs, isCutOff, nodes, ...run }: DryRun) {
  return {
    ...run,
    error: error === null ? null : { kind: error.kind, message: error.message, node_id: error.nodeId },
    waited_seconds: waitedMs / 1_000,
    cut_off: isCutOff,
    nodes: nodes.map(({ replacedBy, callCount, ...node }) => ({
      ...node,
      replaced_by: replacedBy,
      call_count: callCount,
    })),
  };
}

export function renderDraftItem(draft: DraftSummary) {
  return {
    id: draft.id,
    for_all: draft.organizationId === null,
    workflow_id: draft.workflowId,
    name: draft.name,
    base_version: draft.baseVersion,
    fault_count: draft.faults,
    revision: draft.revision,
    created_at: tellMoment(draft.createdAt),
    updated_at: tellMoment(draft.updatedAt),
    key_id: draft.keyId,
  };
}

/** `from`, `to`: versions; see `ApiWorkflowDiff`. */
export function renderDiff(
  diff: DefinitionDiff & {
    readonly workflowId: string | null;
    readonly from: number | null;
    readonly to: number | null;
  },
) {
  const { workflowId, ...rest } = diff;
  return { workflow_id: workflowId, ...rest };
}
