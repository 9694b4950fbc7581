/** Under which keys the outcomes of durable steps are remembered. They are kept in logs: a change of theirs forgets what was done. */

export function attemptKey(nodeId: string, attempt: number): string {
  return `${nodeId}#${attempt}`;
}

/** Of an item of a node, by the attempt at the node: what failed is done again with the next one. */
export function itemKey(item: ItemPlace): string {
  const place = `${item.nodeId}[${item.index}]`;
  return item.attempt === 1 ? place : `${place}@${item.attempt}`;
}

export interface ItemPlace {
  readonly nodeId: string;
  /** From 0. */
  readonly index: number;
  readonly attempt: number;
}

/** Null when it is not the key of an item. */
export function parseItemKey(key: string): ItemPlace | null {
  const match = /^(.*)\[(\d+)\](?:@(\d+))?$/.exec(key);
  return match === null ? null : { nodeId: match[1] ?? '', index: Number(match[2]), attempt: Number(match[3] ?? 1) };
}
