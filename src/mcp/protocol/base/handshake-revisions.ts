/** The revisions that open with `initialize`, newest first. */
export const HANDSHAKE_REVISIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;
export type HandshakeRevision = (typeof HANDSHAKE_REVISIONS)[number];

/** What a client speaks that does not say: the revision before the one that made saying it a duty. */
export const DEFAULT_REVISION: HandshakeRevision = '2025-03-26';

/** The only revision whose bodies may hold several messages. */
export const BATCH_REVISION: HandshakeRevision = '2025-03-26';

export function isHandshakeRevision(revision: string): revision is HandshakeRevision {
  return (HANDSHAKE_REVISIONS as readonly string[]).includes(revision);
}
