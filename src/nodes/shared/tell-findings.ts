import { isJsonObject, type Json } from '../../core/json.js';

const MAX_LENGTH = 300;

/**
 * What an agent's answer is shown as: its `findings` or `summary`, or the first sentences of a text; null when it has
 * nothing of these.
 */
export function tellFindings(answer: Json): string | null {
  const told = isJsonObject(answer) ? [answer['findings'], answer['summary']].find(isText) : answer;
  return isText(told) ? firstSentences(told, MAX_LENGTH) : null;
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** As many whole sentences as fit into so many characters, at least a part of the first. */
export function firstSentences(text: string, longest: number): string {
  const flat = text.trim().replaceAll(/\s+/g, ' ');
  if (flat.length <= longest) return flat;
  const start = flat.slice(0, longest);
  const end = Math.max(...['. ', '! ', '? '].map((mark) => start.lastIndexOf(mark)));
  if (end > 0) return start.slice(0, end + 1);
  const space = start.lastIndexOf(' ');
  return `${start.slice(0, space > 0 ? space : longest - 1)}…`;
}
