/**
 * Where a node stands in its run. A node of the workflow has its id. A node inside another one has a path that begins
 * with that one's: `review.draft` is the node `draft` that `review` holds, `each[3]` what `each` runs for its fourth
 * item, `each[3].fetch` the node `fetch` in that.
 */

export function isInnerPath(path: string): boolean {
  return path.includes('.') || path.includes('[');
}

/** The node of the workflow that it is, or stands in. */
export function rootOf(path: string): string {
  const dot = path.indexOf('.');
  const bracket = path.indexOf('[');
  if (dot === -1 && bracket === -1) return path;
  return path.slice(0, dot === -1 || bracket === -1 ? Math.max(dot, bracket) : Math.min(dot, bracket));
}

/** What it stands in; null for a node of the workflow. */
export function holderOf(path: string): string | null {
  const end = Math.max(path.lastIndexOf('.'), path.lastIndexOf('['));
  return end === -1 ? null : path.slice(0, end);
}

/** The path of a node that another one holds. */
export function heldPath(holder: string, nodeId: string): string {
  return `${holder}.${nodeId}`;
}

/** The path of what a node does for its item, or its round, of that number. */
export function numberedPath(holder: string, number: number): string {
  return `${holder}[${number}]`;
}

/** Whether it stands in that one, at whatever depth. */
export function isWithin(path: string, holder: string): boolean {
  if (!path.startsWith(holder)) return false;
  const next = path[holder.length];
  return next === '.' || next === '[';
}
