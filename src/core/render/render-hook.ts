import { type Hook } from '../hooks/hook.js';
import { writeSignature } from '../hooks/hook-fields.js';
import { tellMoment, tellMomentOrNull } from '../time/moment.js';
import { renderRunId } from './run-id.js';

/** A hook as every door shows it. */
export function renderHook(hook: Hook) {
  const { counts } = hook;
  return {
    id: hook.id,
    name: hook.name,
    workflow_id: hook.workflowId,
    event: hook.event,
    input: hook.input,
    when: hook.when,
    delivery_id: hook.deliveryId,
    signature: writeSignature(hook.signature),
    answer: hook.answer,
    wait_seconds: hook.waitSeconds,
    enabled: hook.enabled,
    // When each was set and ends, never what it is.
    secrets: hook.secrets.map(({ createdAt, expiresAt }) => ({
      created_at: tellMoment(createdAt),
      expires_at: tellMomentOrNull(expiresAt),
    })),
    accepted: counts.accepted,
    refused: counts.refused,
    last_accepted_at: tellMomentOrNull(counts.acceptedAt),
    last_run_id: counts.runId === null ? null : renderRunId(counts.runId),
    last_refused_at: tellMomentOrNull(counts.refusedAt),
    last_refusal: counts.refusal,
    created_at: tellMoment(hook.createdAt),
    updated_at: tellMoment(hook.updatedAt),
  };
}

export type HookView = ReturnType<typeof renderHook>;
