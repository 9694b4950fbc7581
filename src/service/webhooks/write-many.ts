import { nextTurn } from '../../core/event-loop.js';
import type { DeliveryStore, ReplayDeliveriesParams } from '../../core/ports/store/webhooks/delivery-store.js';

/** A change of a delivery writes its message anew, of up to 600 kB: so many are changed in a turn of the event loop. */
const AT_ONCE = 10;

/** Gives up all that is pending of a webhook; of one run where that is given. */
export async function giveUpAll(
  deliveries: DeliveryStore,
  params: Omit<Parameters<DeliveryStore['giveUp']>[0], 'limit'>,
): Promise<void> {
  while (await deliveries.giveUp({ ...params, limit: AT_ONCE })) await nextTurn();
}

/** At most so many. Tells how many. */
export async function replayAll(
  deliveries: DeliveryStore,
  { limit, ...params }: Omit<ReplayDeliveriesParams, 'afterId'>,
): Promise<number> {
  let count = 0;
  for (let afterId: string | null = null; count < limit; await nextTurn()) {
    const atOnce = Math.min(AT_ONCE, limit - count);
    const ids: readonly string[] = await deliveries.replayMany({ ...params, afterId, limit: atOnce });
    count += ids.length;
    afterId = ids.at(-1) ?? null;
    if (ids.length < atOnce) break;
  }
  return count;
}
