import { cutText } from '../../core/text/cut-text.js';

/** What keys look like: OpenAI's and Anthropic's, Google's, and what stands after `Bearer`. */
const KEYS = /\b(?:sk-[\w-]{8,}|AIza[\w-]{20,})|(?<=\bBearer )[\w.~+/-]{8,}=*/g;

const MAX_LENGTH = 600;

/** A text that others wrote, fit for messages and logs: without keys, on one line, and not too long. */
export function scrub(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '***');
  clean = clean.replaceAll(KEYS, '***').replaceAll(/\s+/g, ' ').trim();
  return clean.length <= MAX_LENGTH ? clean : `${cutText(clean, MAX_LENGTH)}…`;
}
