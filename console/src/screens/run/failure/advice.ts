import { advice } from '../../../text/advice.js';

/** What to do about a failure of this kind, in a sentence or two. */
export function adviceFor(kind: string): string {
  const exact = advice.kinds[kind];
  if (exact !== undefined) return exact;
  const family = advice.families.find(({ start }) => kind.startsWith(start));
  return family?.say ?? advice.other;
}
