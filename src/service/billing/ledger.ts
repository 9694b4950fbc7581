import { ErrandError, isErrandError } from '../../core/errors.js';
import { toCycle, type CreditMovement } from '../../core/run/credits.js';
import { creditsHeld, type Run } from '../../core/run/run.js';

interface MovementOrigin {
  /** The id of the movement. */
  readonly id: string;
  readonly at: number;
  readonly billingDay: number;
}

/** Reserves what a run has not cost yet, for the commit with which it begins; null when that is nothing. */
export function reserveCredits(run: Run, origin: MovementOrigin): CreditMovement | null {
  const held = creditsHeld(run);
  return held > 0 ? makeMovement(run, origin, { kind: 'reserve', reservedDelta: held, usedDelta: 0 }) : null;
}

/**
 * Turns the reservation of a run that has ended into what it costs, and releases the rest; null when nothing was
 * reserved.
 */
export function settleCredits(run: Run, origin: MovementOrigin): CreditMovement | null {
  const held = creditsHeld(run);
  if (held === 0) return null;
  const usedDelta = run.creditsConsumed - (run.retries?.creditsConsumed ?? 0);
  return makeMovement(run, origin, { kind: 'settle', reservedDelta: -held, usedDelta });
}

function makeMovement(
  { id: runId, organizationId }: Run,
  { id, at, billingDay }: MovementOrigin,
  { kind, reservedDelta, usedDelta }: Pick<CreditMovement, 'kind' | 'reservedDelta' | 'usedDelta'>,
): CreditMovement {
  return {
    id,
    organizationId,
    runId,
    kind,
    reservedDelta,
    usedDelta,
    toppedUpDelta: 0,
    month: toCycle(at, billingDay),
    at,
  };
}

/** What a caller is told when a reservation was refused; any other error as it is. */
export function explainShortage(error: unknown, run: Run): unknown {
  if (!isErrandError(error) || error.code !== 'insufficient_credits') return error;
  return new ErrandError(
    'insufficient_credits',
    `${run.workflowName} costs ${creditsHeld(run)} credits, which is more than are available. ` +
      'get_credits tells what is available and when it is reset.',
    { cause: error },
  );
}
