import { ErrandError } from '../../../core/errors.js';
import type { CreditAccount, SetLimitParams, TellMark } from '../../../core/ports/store/credit-store.js';
import { CREDIT_MARKS, type CreditMovement } from '../../../core/run/credits.js';
import type { Delivery } from '../../../core/webhooks/delivery.js';

export interface Moved {
  readonly account: CreditAccount;
  /** As it is kept: in the cycle in which it counts, with what it takes from top-ups. */
  readonly movement: CreditMovement;
  readonly deliveries: readonly Delivery[];
}

/** What a movement makes of an account. Throws `insufficient_credits` unless what it reserves is available. */
export function moveCredits(kept: CreditAccount, given: CreditMovement, tellMark: TellMark | undefined): Moved {
  const account = inCycle(kept, given.month);
  if (given.kind === 'reserve' && availableOf(account) < given.reservedDelta)
    throw new ErrandError('insufficient_credits', `Fewer than ${given.reservedDelta} credits are available.`);
  const drawn = drawnBy(account, given.usedDelta);
  const movement = { ...given, month: account.month, toppedUpDelta: given.toppedUpDelta - drawn };
  const moved = {
    ...account,
    reserved: account.reserved + given.reservedDelta,
    used: account.used + given.usedDelta,
    toppedUp: account.toppedUp + movement.toppedUpDelta,
    drawn: account.drawn + drawn,
  };
  const told =
    tellMark === undefined ? { account: moved, deliveries: NONE } : tellMarks(moved, { at: given.at, tellMark });
  return { movement, ...told };
}

/** A clock that went back to an earlier cycle must not undo the later one's usage: it counts in the later one. */
function inCycle(account: CreditAccount, month: string): CreditAccount {
  return month > account.month ? { ...account, month, used: 0, drawn: 0, told: 0 } : account;
}

/** What a cycle allows, with what was paid by top-ups in it and what is left of those. */
function allowanceOf({ monthlyLimit, toppedUp, drawn }: CreditAccount): number {
  return monthlyLimit + toppedUp + drawn;
}

function availableOf(account: CreditAccount): number {
  return allowanceOf(account) - account.used - account.reserved;
}

/** What is used beyond the cycle's own credits is paid by top-ups, as far as there are any. */
function drawnBy({ monthlyLimit, used, drawn, toppedUp }: CreditAccount, usedDelta: number): number {
  const before = Math.max(0, used - drawn - monthlyLimit);
  const after = Math.max(0, used + usedDelta - drawn - monthlyLimit);
  return Math.min(toppedUp, after - before);
}

/** With the highest mark that was told; once a cycle. */
export function tellMarks(
  account: CreditAccount,
  { at, tellMark }: NonNullable<SetLimitParams['tells']>,
): Pick<Moved, 'account' | 'deliveries'> {
  const allowance = allowanceOf(account);
  const gone = account.used + account.reserved;
  const reached = CREDIT_MARKS.filter((mark) => mark > account.told && allowance > 0 && gone * 100 >= mark * allowance);
  const told = reached.at(-1);
  if (told === undefined) return { account, deliveries: NONE };
  return { account: { ...account, told }, deliveries: reached.flatMap((mark) => tellMark({ account, mark, at })) };
}

const NONE: readonly never[] = [];
