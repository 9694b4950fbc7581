import type { Codec } from './codec.js';
import { handshakeCodec } from './handshake/codec.js';

/** Every era that is spoken, newest first. */
export const CODECS: readonly Codec[] = [handshakeCodec];

/** Newest first. */
export const REVISIONS: readonly string[] = CODECS.flatMap((codec) => codec.revisions);

/** What a client speaks that does not say: the revision before the one that made saying it a duty. */
export const UNSAID_REVISION = '2025-03-26';

export function codecFor(revision: string): Codec | null {
  return CODECS.find((codec) => codec.revisions.includes(revision)) ?? null;
}
