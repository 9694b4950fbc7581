import type { Clock } from '../../core/ports/clock.js';
import type { Store } from '../../core/ports/store/store.js';
import { EXPIRE } from './chain.js';
import { recordChange } from './record-change.js';

const PER_STEP = 500;

/**
 * Takes out of an organization's trail what is older than `keepForMs`, and puts in that it was. The newest entry stays.
 * True when there may be more.
 */
export async function expireAudit(
  deps: { readonly store: Pick<Store, 'transaction'>; readonly clock: Clock },
  { organizationId, keepForMs }: { readonly organizationId: string; readonly keepForMs: number },
): Promise<boolean> {
  const before = deps.clock.now() - keepForMs;
  return deps.store.transaction(async (tx) => {
    const oldest = await tx.audit.list({ organizationId, afterSeq: 0, limit: PER_STEP + 1 });
    // Two entries that say no more than that others expired need not follow each other.
    const old = oldest.slice(0, -1).filter(({ at }) => at < before);
    const last = old.at(-1);
    if (last === undefined || old.every(({ action }) => action === EXPIRE)) return false;
    await tx.audit.removeUpTo({ organizationId, seq: last.seq });
    await recordChange(
      tx,
      deps,
      { organizationId, keyId: null, scopes: [] },
      {
        organizationId,
        action: EXPIRE,
        target: { kind: 'audit', id: `${old[0]?.seq ?? last.seq}-${last.seq}` },
        after: { up_to: last.seq, hash: last.hash },
      },
    );
    return old.length === PER_STEP;
  });
}
