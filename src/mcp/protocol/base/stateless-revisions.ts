/** The revisions whose requests stand alone, newest first. */
export const STATELESS_REVISIONS = ['2026-07-28'] as const;

export function isStatelessRevision(revision: unknown): boolean {
  return (STATELESS_REVISIONS as readonly unknown[]).includes(revision);
}
