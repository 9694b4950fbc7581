import { type NodeExecution, pendingNode } from '../../core/run/node-execution.js';

/**
 * Node executions as the column holds them: without what a node has anyway to which nothing has happened. That is most
 * of it, and how much is written is a good part of what a run costs.
 */
export function nodesText(nodes: readonly NodeExecution[]): string {
  return JSON.stringify(nodes.map(toStoredNode));
}

/** Whole nodes are read as well. */
export function parseNodes(text: string): NodeExecution[] {
  return (JSON.parse(text) as readonly NodeExecution[]).map(toNode);
}

/** Rows from before `usedFallback` tell it by the failure of a completed node alone. */
function toNode(stored: NodeExecution): NodeExecution {
  const node = {
    ...pendingNode(stored),
    ...stored,
    ...(stored.inner === undefined ? {} : { inner: stored.inner.map(toNode) }),
  };
  return node.status === 'completed' && node.error !== null ? { ...node, usedFallback: true } : node;
}

/** What is undefined is left out of the text. */
function toStoredNode(node: NodeExecution): object {
  return {
    id: node.id,
    kind: node.kind,
    role: node.role ?? undefined,
    label: node.label ?? undefined,
    status: node.status === 'pending' ? undefined : node.status,
    attempt: node.attempt === 0 ? undefined : node.attempt,
    progress: node.progress === 0 ? undefined : node.progress,
    message: node.message ?? undefined,
    findings: node.findings ?? undefined,
    error: node.error ?? undefined,
    usedFallback: node.usedFallback,
    waitingUntil: node.waitingUntil ?? undefined,
    waitingFor: node.waitingFor,
    question: node.question,
    event: node.event,
    waitingStep: node.waitingStep,
    childRunId: node.childRunId,
    items: node.items,
    rounds: node.rounds,
    inner: node.inner?.map(toStoredNode),
    innerEnded: node.innerEnded,
    innerItems: node.innerItems,
    attemptAt: node.attemptAt,
    fixedAt: node.fixedAt,
    cutOffs: node.cutOffs,
    usage: node.usage,
    startedAt: node.startedAt ?? undefined,
    completedAt: node.completedAt ?? undefined,
  } satisfies { [Key in keyof Required<NodeExecution>]: unknown };
}
