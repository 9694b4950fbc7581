import { createHash } from 'node:crypto';

/** Of statements that are carried out within `PostgresPool.commit`, where plans go by indexes. */
const inCommits = new Map<string, string>();
const anywhere = new Map<string, string>();

/**
 * A statement that each connection reads and plans once, which costs the database several times as much as to carry it
 * out. Its name is made of its text: behind a pooler that mixes sessions up, a name may be unknown, and never means
 * another statement. For statements of commits, whose texts are few.
 *
 * It names the columns that it gives: `*` would mean others once a newer program has added one, and the database refuses
 * to carry it out then, behind a pooler for as long as that keeps its connections.
 */
export function plannedOnce(text: string): string {
  inCommits.set(text, nameFor(text));
  return text;
}

/** Likewise for any: its plan must stay right while tables grow. */
export function plannedOnceAnywhere(text: string): string {
  anywhere.set(text, nameFor(text));
  return plannedOnce(text);
}

/** Undefined for a statement that is planned each time. */
export function nameOf(text: string, { isCommit }: { readonly isCommit: boolean }): string | undefined {
  return (isCommit ? inCommits : anywhere).get(text);
}

function nameFor(text: string): string {
  return `errand_${createHash('sha256').update(text).digest('hex').slice(0, 40)}`;
}
