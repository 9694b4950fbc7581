/** Under which keys the outcomes of durable steps are remembered. They are kept in logs: a change of theirs forgets what was done. */

export function attemptKey(nodeId: string, attempt: number): string {
  return `${nodeId}#${attempt}`;
}

export function itemKey(nodeId: string, index: number): string {
  return `${nodeId}[${index}]`;
}
