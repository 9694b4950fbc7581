import { advice } from '../../../text/advice.js';

/** What to do about a failure of this kind, in a sentence or two. */
export function adviceFor(kind: string): string {
  const exact = advice.kinds[kind];
  if (exact !== undefined) return exact;
  const family = advice.families.find(({ start }) => kind.startsWith(start));
  return family?.say ?? advice.other;
}

/** The same, for where it failed; without a node, the run itself did. */
export function adviceOn(
  { kind, message }: { readonly kind: string; readonly message: string },
  node: { readonly child_run_id: string | null } | null,
): string {
  if (node === null) return advice.run[kind] ?? adviceFor(kind);
  if (node.child_run_id !== null) return advice.child;
  const hasWords = message !== '' && message !== 'Error';
  return hasWords ? adviceFor(kind) : `${adviceFor(kind)} ${advice.noMessage}`;
}
