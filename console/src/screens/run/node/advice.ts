import { advice } from '../../../text/advice.js';

/** What to do about a failure of this kind, in a sentence or two. */
export function adviceFor(kind: string): string {
  const exact = advice.kinds[kind];
  if (exact !== undefined) return exact;
  const family = advice.families.find(({ start }) => kind.startsWith(start));
  return family?.say ?? advice.other;
}

interface NodeWithChild {
  readonly kind: string;
  readonly child_run_id: string | null;
}

/**
 * The run whose failure is that of the node which started it; null when there is none. An agent takes the failure of a
 * run as a tool's result, and goes on: what it fails with is its own.
 */
export function failedChildOf({ kind, child_run_id: runId }: NodeWithChild): string | null {
  return kind === 'agent' ? null : runId;
}

/** What to do about a failure, for where it failed; without a node, the run itself did. */
export function adviceOn(
  { kind, message }: { readonly kind: string; readonly message: string },
  node: NodeWithChild | null,
): string {
  if (node === null) return advice.run[kind] ?? adviceFor(kind);
  if (failedChildOf(node) !== null) return advice.child;
  const unanswered = kind === 'timeout' ? advice.unanswered[node.kind] : undefined;
  if (unanswered !== undefined) return unanswered;
  const hasWords = message !== '' && message !== 'Error';
  return hasWords ? adviceFor(kind) : `${adviceFor(kind)} ${advice.noMessage}`;
}
