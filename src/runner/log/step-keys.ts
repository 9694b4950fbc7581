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

/** Of a step in a node's own work (`place`: the node's id, or an item's key of the first attempt), by the take in which it was done. */
export function innerKey(place: string, take: number, key: string): string {
  return `${place}~${take}:${key}`;
}

/** Null when it is not the key of a step in a node's own work. */
export function parseInnerKey(
  text: string,
): { readonly place: string; readonly take: number; readonly key: string } | null {
  const match = /^([a-z0-9_]+(?:\[\d+\])?)~(\d+):(.*)$/s.exec(text);
  return match === null ? null : { place: match[1] ?? '', take: Number(match[2]), key: match[3] ?? '' };
}

const MODEL_STEP = 'model:';
const TOOL_STEP = 'tool:';
const RUN_STEP = 'run:';

/** Of a step that a node's own code takes, among the steps of its work. */
export function plainKey(key: string): string {
  return `step:${key}`;
}

/** Of the call of a model. */
export function modelKey(key: string): string {
  return MODEL_STEP + key;
}

/** Of what a model has a tool do. */
export function toolKey(key: string): string {
  return TOOL_STEP + key;
}

/** Of the run that a model has a tool start. */
export function runKey(key: string): string {
  return RUN_STEP + key;
}

export function isModelStep(whole: string): boolean {
  return parseInnerKey(whole)?.key.startsWith(MODEL_STEP) === true;
}

/** Those of runs that tools start included. */
export function isToolStep(whole: string): boolean {
  const key = parseInnerKey(whole)?.key;
  return key?.startsWith(TOOL_STEP) === true || key?.startsWith(RUN_STEP) === true;
}

/** Null when it is not the key of an item. */
export function parseItemKey(key: string): ItemPlace | null {
  const match = /^([^~]*)\[(\d+)\](?:@(\d+))?$/.exec(key);
  return match === null ? null : { nodeId: match[1] ?? '', index: Number(match[2]), attempt: Number(match[3] ?? 1) };
}
