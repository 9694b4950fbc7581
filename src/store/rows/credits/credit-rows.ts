import type { CreditAccount } from '../../../core/ports/store/credit-store.js';
import type { CreditMovement } from '../../../core/run/credits.js';
import { decodeText, encodeText } from '../text.js';

export interface AccountRow {
  readonly organization_id: string;
  readonly monthly_limit: number;
  readonly reserved: number;
  readonly used: number;
  readonly month: string;
  readonly topped_up: number;
  readonly drawn: number;
  readonly told: number;
}

export interface MovementRow {
  readonly organization_id: string;
  readonly id: string;
  readonly run_id: string;
  readonly kind: CreditMovement['kind'];
  readonly reserved_delta: number;
  readonly used_delta: number;
  readonly topped_up_delta: number;
  readonly month: string;
  readonly at: number;
  readonly reason: string | null;
  readonly idempotency_key: string | null;
}

export function toAccount(row: AccountRow): CreditAccount {
  return {
    organizationId: decodeText(row.organization_id),
    monthlyLimit: row.monthly_limit,
    reserved: row.reserved,
    used: row.used,
    month: row.month,
    toppedUp: row.topped_up,
    drawn: row.drawn,
    told: row.told,
  };
}

export function toMovement(row: MovementRow): CreditMovement {
  return {
    id: decodeText(row.id),
    organizationId: decodeText(row.organization_id),
    // The column has been there since every movement was of a run.
    runId: row.run_id === '' ? null : decodeText(row.run_id),
    kind: row.kind,
    reservedDelta: row.reserved_delta,
    usedDelta: row.used_delta,
    toppedUpDelta: row.topped_up_delta,
    month: row.month,
    at: row.at,
    ...(row.reason === null ? {} : { reason: decodeText(row.reason) }),
    ...(row.idempotency_key === null ? {} : { idempotencyKey: decodeText(row.idempotency_key) }),
  };
}

export function toMovementRow(movement: CreditMovement): MovementRow {
  const { runId, reason, idempotencyKey } = movement;
  return {
    organization_id: encodeText(movement.organizationId),
    id: encodeText(movement.id),
    run_id: runId === null ? '' : encodeText(runId),
    kind: movement.kind,
    reserved_delta: movement.reservedDelta,
    used_delta: movement.usedDelta,
    topped_up_delta: movement.toppedUpDelta,
    month: movement.month,
    at: movement.at,
    reason: reason === undefined ? null : encodeText(reason),
    idempotency_key: idempotencyKey === undefined ? null : encodeText(idempotencyKey),
  };
}
