import { type FieldSpec, NodeFailure } from '../../core/handlers/node-kind.js';
import type { Json } from '../../core/json.js';
import { parseDuration } from '../../core/time/duration.js';
import { momentAfter, parseMoment } from '../../core/time/moment.js';

/** The field `deadline` of nodes that wait for somebody. */
export const DEADLINE_FIELD = {
  schema: { type: ['string', 'number'] },
  role: 'template',
} as const satisfies Partial<FieldSpec>;

export const NO_DEADLINE = 'must be a duration such as 10m, 2h or 3d, or an RFC 3339 time such as 2026-12-24T18:00:00Z';

/** Epoch milliseconds; null when it is no deadline. */
export function deadlineAfter(deadline: unknown, now: number): number | null {
  const lengthMs = parseDuration(deadline);
  return lengthMs === null ? parseMoment(deadline) : momentAfter(lengthMs, now);
}

/** Null when there is none. Throws a NodeFailure for what is no deadline. */
export function readDeadline(deadline: Json | undefined, now: number): number | null {
  return deadline === undefined ? null : (deadlineAfter(deadline, now) ?? refuseDeadline(deadline));
}

function refuseDeadline(deadline: unknown): never {
  const problem = parseDuration(deadline) === null ? NO_DEADLINE : 'is later than a date can tell';
  throw new NodeFailure(`"deadline" ${problem}`, { kind: 'invalid_config', retryable: false });
}
