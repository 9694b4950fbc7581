import type { Json } from '../../core/json.js';

/** JSON text as it came (numbers may have more digits than a parsed one keeps), but on one line. */
export function oneLine(text: string, parsed: Json): string {
  return /[\r\n]/.test(text) ? JSON.stringify(parsed) : text;
}
