import { createHash } from 'node:crypto';

/** The name of a bundle's file: the SHA-256 of its code. */
export const BUNDLE_FILE = /^([0-9a-f]{64})\.mjs$/;

/** What a bundle with this code is called, in hex. */
export function shaOf(code: string | Buffer): string {
  return createHash('sha256').update(code).digest('hex');
}
