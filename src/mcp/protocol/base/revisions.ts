import { HANDSHAKE_REVISIONS } from './handshake-revisions.js';
import { STATELESS_REVISIONS } from './stateless-revisions.js';

/** Every revision that is spoken, newest first. */
export const REVISIONS: readonly string[] = [...STATELESS_REVISIONS, ...HANDSHAKE_REVISIONS];
