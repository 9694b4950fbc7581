import type { Store } from '../core/ports/store/store.js';

const PAGE = 1_000;

/** The ledger added up: reserved and topped up over all movements, used by month. */
export async function sumLedger(
  { credits }: Pick<Store, 'credits'>,
  { organizationId }: { readonly organizationId: string },
): Promise<{
  readonly reserved: number;
  readonly toppedUp: number;
  readonly usedByMonth: { readonly [month: string]: number };
}> {
  let reserved = 0;
  let toppedUp = 0;
  const usedByMonth: { [month: string]: number } = {};
  for (let offset = 0; ; offset += PAGE) {
    const movements = await credits.listMovements({ organizationId, limit: PAGE, offset });
    for (const { month, reservedDelta, usedDelta, toppedUpDelta } of movements) {
      reserved += reservedDelta;
      toppedUp += toppedUpDelta;
      usedByMonth[month] = (usedByMonth[month] ?? 0) + usedDelta;
    }
    if (movements.length < PAGE) return { reserved, toppedUp, usedByMonth };
  }
}
