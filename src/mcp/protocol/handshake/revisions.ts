/** Newest first. */
export const HANDSHAKE_REVISIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;
export type HandshakeRevision = (typeof HANDSHAKE_REVISIONS)[number];
