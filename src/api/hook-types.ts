import type { HookFields, HookSignatureFields } from '../core/hooks/hook-fields.js';
import type { HookAnswer } from '../core/hooks/hook.js';
import type { Json } from '../core/json.js';
import type { ApiSigningSecret } from './webhook-types.js';

export type ApiHookFields = HookFields;

/** What lets others start runs of a workflow. Times are RFC 3339 in UTC. */
export interface ApiHook {
  readonly id: string;
  readonly name: string;
  /** Null where it sends an event. */
  readonly workflow_id: string | null;
  readonly event: { readonly name: string; readonly key: string | null } | null;
  readonly input: Json;
  readonly when: string | null;
  readonly delivery_id: string | null;
  readonly signature: HookSignatureFields;
  readonly answer: HookAnswer;
  readonly wait_seconds: number;
  readonly enabled: boolean;
  /** What deliveries are checked with, the newest first; never the secrets themselves. */
  readonly secrets: readonly ApiSigningSecret[];
  readonly accepted: number;
  readonly refused: number;
  readonly last_accepted_at: string | null;
  /** The latest run that it has started. */
  readonly last_run_id: string | null;
  readonly last_refused_at: string | null;
  /** Why the latest delivery was refused that was. */
  readonly last_refusal: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** With its address, which is shown here alone. */
export interface ApiNewHook extends ApiHook {
  readonly url: string;
}
