import type { Store } from '../core/ports/store/store.js';

const PAGE = 1_000;

/** The ledger added up: reserved over all movements, used by month. */
export async function sumLedger(
  { credits }: Pick<Store, 'credits'>,
  { organizationId }: { readonly organizationId: string },
): Promise<{ readonly reserved: number; readonly usedByMonth: { readonly [month: string]: number } }> {
  let reserved = 0;
  const usedByMonth: { [month: string]: number } = {};
  for (let offset = 0; ; offset += PAGE) {
    const movements = await credits.listMovements({ organizationId, limit: PAGE, offset });
    for (const { month, reservedDelta, usedDelta } of movements) {
      reserved += reservedDelta;
      usedByMonth[month] = (usedByMonth[month] ?? 0) + usedDelta;
    }
    if (movements.length < PAGE) return { reserved, usedByMonth };
  }
}
