/**
 * The keys under which outcomes of durable steps are remembered. Logs hold them: after a change of these
 * formats, runs with older logs would do their steps again.
 */

export function attemptKey(nodeId: string, attempt: number): string {
  return `${nodeId}#${attempt}`;
}

/**
 * The key of an item of a node, with the attempt at the node: an item that failed is done again in the next attempt.
 */
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

/** The key of a step in a node's own work. `place` is the node's id or path, or an item's key of the first attempt. */
export function innerKey(place: string, generation: number, key: string): string {
  return `${place}~${generation}:${key}`;
}

/** Null when it is not the key of a step in a node's own work. */
export function parseInnerKey(
  text: string,
): { readonly place: string; readonly generation: number; readonly key: string } | null {
  const match = /^([a-z0-9_]+(?:\.[a-z0-9_]+|\[\d+\])*)~(\d+):(.*)$/s.exec(text);
  return match === null ? null : { place: match[1] ?? '', generation: Number(match[2]), key: match[3] ?? '' };
}

const MODEL_STEP = 'model:';
const TOOL_STEP = 'tool:';
const RUN_STEP = 'run:';

/** A step that a node's own code takes. */
export function plainKey(key: string): string {
  return `step:${key}`;
}

/** A call of a model. */
export function modelKey(key: string): string {
  return MODEL_STEP + key;
}

/** A use of a tool by a model. */
export function toolKey(key: string): string {
  return TOOL_STEP + key;
}

/** A run that a tool of a model starts. */
export function runKey(key: string): string {
  return RUN_STEP + key;
}

export function isModelStep(whole: string): boolean {
  return parseInnerKey(whole)?.key.startsWith(MODEL_STEP) === true;
}

/** True also for runs that tools start. */
export function isToolStep(whole: string): boolean {
  const key = parseInnerKey(whole)?.key;
  return key?.startsWith(TOOL_STEP) === true || key?.startsWith(RUN_STEP) === true;
}

/** Null when it is not the key of an item. */
export function parseItemKey(key: string): ItemPlace | null {
  const match = /^([^~]*)\[(\d+)\](?:@(\d+))?$/.exec(key);
  return match === null ? null : { nodeId: match[1] ?? '', index: Number(match[2]), attempt: Number(match[3] ?? 1) };
}
