import type { Hook, HookSettings } from '../../../core/hooks/hook.js';
import type { SigningSecret } from '../../../core/webhooks/webhook.js';
import { decodeText, encodeText } from '../text.js';

/** A row of `hooks`, in either store. */
export interface HookRow {
  readonly id: string;
  readonly organization_id: string;
  readonly token_hash: string;
  /** What a person sets, as JSON. */
  readonly settings: string;
  /** Sealed, as JSON. */
  readonly secrets: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly accepted: number;
  readonly refused: number;
  readonly accepted_at: number | null;
  readonly run_id: string | null;
  readonly refused_at: number | null;
  readonly refusal: string | null;
}

/** Without the counts, which begin at nothing. */
export function toHookRow(
  hook: Hook,
): Pick<HookRow, 'id' | 'organization_id' | 'token_hash' | 'settings' | 'secrets' | 'created_at' | 'updated_at'> {
  const { id, organizationId, tokenHash, secrets, createdAt, updatedAt, counts: _, ...settings } = hook;
  return {
    id: encodeText(id),
    organization_id: encodeText(organizationId),
    token_hash: tokenHash,
    settings: JSON.stringify(settings),
    secrets: JSON.stringify(secrets),
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

export function fromHookRow(row: HookRow): Hook {
  return {
    ...(JSON.parse(row.settings) as HookSettings),
    id: decodeText(row.id),
    organizationId: decodeText(row.organization_id),
    tokenHash: row.token_hash,
    secrets: JSON.parse(row.secrets) as SigningSecret[],
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    counts: {
      accepted: row.accepted,
      refused: row.refused,
      acceptedAt: row.accepted_at,
      runId: row.run_id,
      refusedAt: row.refused_at,
      refusal: row.refusal === null ? null : decodeText(row.refusal),
    },
  };
}
