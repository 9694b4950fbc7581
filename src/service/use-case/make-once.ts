import { createHash } from 'node:crypto';
import { ErrandError, isErrandError } from '../../core/errors.js';
import { canonicalJson, type Json } from '../../core/json.js';
import type { Records } from '../../core/ports/store/store.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import type { ServiceDeps } from './deps.js';

interface MakeOnceParams<T> {
  /** The caller's. */
  readonly organizationId: string;
  readonly key: string | undefined;
  /** What the call asked for, as it was given. */
  readonly asked: Json;
  readonly made: T;
  /** Records it, within a transaction. */
  readonly record: (tx: Records) => Promise<void>;
  /** What an earlier call made; null when it is there no more. */
  readonly recall: (id: string) => Promise<T | null>;
}

/** Makes something once for an idempotency key: a repeat gets what the first call made, and another call `conflict`. */
export async function makeOnce<T extends { readonly id: string }>(
  deps: Pick<ServiceDeps, 'store' | 'clock'>,
  params: MakeOnceParams<T>,
): Promise<{ readonly made: T; readonly created: boolean }> {
  const { organizationId, key, asked, made, record } = params;
  if (key === undefined) {
    await deps.store.transaction(record);
    return { made, created: true };
  }
  checkIdempotencyKey(key);
  const callHash = hashCall(asked);
  const earlier = await recall(deps, params, { key, callHash });
  if (earlier !== null) return { made: earlier, created: false };
  try {
    await deps.store.transaction(async (tx) => {
      await record(tx);
      await tx.idempotency.insert({ organizationId, key, callHash, madeId: made.id, at: deps.clock.now() });
    });
    return { made, created: true };
  } catch (error) {
    // The same call may have got ahead.
    const winner = isErrandError(error) ? await recall(deps, params, { key, callHash }) : null;
    if (winner === null) throw error;
    return { made: winner, created: false };
  }
}

async function recall<T>(
  { store }: Pick<ServiceDeps, 'store'>,
  params: MakeOnceParams<T>,
  { key, callHash }: { readonly key: string; readonly callHash: string },
): Promise<T | null> {
  const found = await store.idempotency.find({ organizationId: params.organizationId, key });
  if (found === null) return null;
  const made = found.callHash === callHash ? await params.recall(found.madeId) : null;
  if (made !== null) return made;
  throw new ErrandError('conflict', `The idempotency key "${key}" was used before for another call. Use a new key.`);
}

export function checkIdempotencyKey(key: string): void {
  const max = PAYLOAD_LIMITS.idempotencyKey;
  if (key !== '' && key.length <= max) return;
  throw new ErrandError('invalid_input', `The idempotency key must have 1 to ${max} characters.`);
}

/** Calls that ask for the same have the same hash. */
export function hashCall(asked: Json): string {
  return createHash('sha256').update(canonicalJson(asked)).digest('hex');
}
