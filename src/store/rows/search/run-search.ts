import { RUN_STATUSES, type RunListItem, type RunStatus } from '../../../core/run/run.js';
import type { FoundRuns, SearchRunsQuery } from '../../../core/ports/store/run-store.js';

/** A stretch of an index, in the order of ids: the runs that have a term, or those of a status or a workflow. */
export type SearchPart =
  | { readonly kind: 'term'; readonly term: string }
  | { readonly kind: 'runs'; readonly status: RunStatus | null; readonly workflowId: string | null };

/** Stretches that hold all runs of a search, each of them once, and what is left to look at in each of these. */
export interface SearchWay {
  readonly parts: readonly SearchPart[];
  readonly rest: Pick<SearchRunsQuery, 'statuses' | 'workflowId' | 'terms'>;
}

const NO_REST = { statuses: [], workflowId: null, terms: [] };

/** Every way to find the runs. */
export function listWays({ statuses: asked, workflowId, terms }: SearchRunsQuery): readonly SearchWay[] {
  const statuses = RUN_STATUSES.every((status) => asked.includes(status)) ? [] : [...new Set(asked)];
  const ways: SearchWay[] = terms.map((term) => ({
    parts: [{ kind: 'term', term }],
    rest: { statuses, workflowId, terms: terms.filter((other) => other !== term) },
  }));
  if (ways.length > 0 && statuses.length === 0 && workflowId === null) return ways;
  const parts = (statuses.length === 0 ? [null] : statuses).map((status) => ({
    kind: 'runs' as const,
    status,
    workflowId,
  }));
  return [...ways, { parts, rest: { ...NO_REST, terms } }];
}

/** Whether every run of the way is one that is looked for: then nobody need count how many there are. */
export function isExact({ rest }: SearchWay): boolean {
  return rest.statuses.length === 0 && rest.workflowId === null && rest.terms.length === 0;
}

/** How many runs of a part are passed over to find where a search by it ends. */
export function passedOver({ parts }: SearchWay, { looksAt }: SearchRunsQuery): number {
  return Math.max(1, Math.floor(looksAt / parts.length));
}

/** A way, and the id of the oldest run that it leads to within the bound; null: it leads to all. */
export interface ReachedWay {
  readonly way: SearchWay;
  readonly floor: string | null;
}

/** The floor of a way whose parts have these. */
export function floorOf(floors: readonly (string | null)[]): string | null {
  return floors.reduce((most, floor) => (floor !== null && (most === null || floor > most) ? floor : most), null);
}

/** The one that leads the furthest back, which is the one by what the fewest runs have. */
export function pickWay(ways: readonly ReachedWay[]): ReachedWay {
  return ways.reduce((best, way) => {
    if (best.floor === null) return best;
    return way.floor === null || way.floor < best.floor ? way : best;
  });
}

/** A page of what the parts have given, each newest first and one more than the limit where there are more. */
export function toPage(
  found: readonly (readonly RunListItem[])[],
  { limit, floor }: { readonly limit: number; readonly floor: string | null },
): FoundRuns {
  const all = found.flat().toSorted((a, b) => (a.id < b.id ? 1 : -1));
  const runs = all.slice(0, limit);
  return { runs, nextBeforeId: all.length > limit ? (runs.at(-1)?.id ?? null) : floor };
}

/** Clocks of processes differ a little, and an id is made before its record. */
const SLACK_MS = 2_000;

/** What all ids that were made at a moment or later are not below. */
export function idAt(at: number): string {
  const time = Math.max(0, Math.min(at, 2 ** 48 - 1))
    .toString(16)
    .padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}

/** Between which ids the runs are: from `least` on, below `below`. */
export function idRange(
  { createdFrom, createdBefore, beforeId }: SearchRunsQuery,
  floor: string | null,
): { readonly least: string | null; readonly below: string | null } {
  const from = createdFrom === null ? null : idAt(createdFrom - SLACK_MS);
  const until = createdBefore === null ? null : idAt(createdBefore + SLACK_MS);
  const least = floor === null || (from !== null && from > floor) ? from : floor;
  return { least, below: beforeId === null || (until !== null && until < beforeId) ? until : beforeId };
}
