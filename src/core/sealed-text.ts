import { createHash } from 'node:crypto';

/** A text behind the SHA-256 of it, so that a file of it that is torn, or was changed, can be told. */
export function sealText(text: string): string {
  return `${shaOf(text)}\n${text}`;
}

/** What was sealed; null where it is not whole. */
export function unsealText(sealed: string): string | null {
  const end = sealed.indexOf('\n');
  if (end === -1) return null;
  const text = sealed.slice(end + 1);
  return sealed.slice(0, end) === shaOf(text) ? text : null;
}

function shaOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
