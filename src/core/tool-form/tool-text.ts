import { createHash } from 'node:crypto';
import { shorten } from '../text/cut-text.js';
import { HOST_LIMITS } from './host-limits.js';

const HASH_LENGTH = 6;

/**
 * A name for a tool that every host takes, made of a workflow's id: the id itself where it is short enough, else its
 * beginning with a part of its hash, so that two ids that begin alike have different names.
 */
export function shortToolName(id: string): string {
  return id.length <= HOST_LIMITS.toolName ? id : hashedToolName(id);
}

export function hashedToolName(id: string): string {
  const hash = createHash('sha256').update(id).digest('hex').slice(0, HASH_LENGTH);
  return `${id.slice(0, HOST_LIMITS.toolName - HASH_LENGTH - 1)}_${hash}`;
}

/** What a model is told of a tool: `text` as far as there is room, and every one of the `facts`. */
export function toolDescription(text: string, facts: readonly string[] = []): string {
  const after = facts.length === 0 ? '' : `\n\n${facts.join(' ')}`;
  const room = Math.max(1, HOST_LIMITS.description - after.length);
  return shorten(shorten(text.trim(), room) + after, HOST_LIMITS.description);
}

/** Whether `toolDescription` gives less of the text than there is. */
export function isDescriptionCut(text: string, facts: readonly string[] = []): boolean {
  return toolDescription(text, facts) !== [text.trim(), ...(facts.length === 0 ? [] : [facts.join(' ')])].join('\n\n');
}
