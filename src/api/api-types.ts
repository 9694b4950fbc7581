/**
 * The shapes of the REST API under `/api/v1`: what the command line and the console speak. Times are RFC 3339, UTC,
 * milliseconds; run ids are `run_` + UUID; absent values are null.
 */
import type { ApiCallback } from './webhook-types.js';
import type { Fault } from '../core/workflow/definition.js';
import type { ErrorCode, Problem } from '../core/errors.js';
import type { Json, JsonSchema } from '../core/json.js';
import type { ItemCounts, NodeError, NodeStatus, Question, WaitReason } from '../core/run/node-execution.js';
import type { Scope } from '../core/tenant/principal.js';
import type { EndedStatus } from '../core/run/retention.js';
import type { ModelApi } from '../core/models/models-config.js';
import type { ApiPrice } from './credit-types.js';
import type { RunStatus } from '../core/run/run.js';
import type { Priority } from '../core/tenant/scheduling.js';

/** Every answer with a status of 400 or more. */
export interface ApiError {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly problems?: readonly Problem[];
    readonly faults?: readonly Fault[];
  };
}

/** `GET /api/v1/workflows` gives `{ workflows }`; `GET /api/v1/workflows/:id` gives one. */
export interface ApiWorkflow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly version: number;
  /** What a run reserves: what it costs at most. */
  readonly credits: number;
  /** What use costs; null where a run costs a fixed number of credits. */
  readonly price: ApiPrice | null;
  readonly estimated_duration: string | null;
  readonly agents: readonly { readonly role: string; readonly label: string }[];
  readonly input_schema: JsonSchema;
  readonly output_schema: JsonSchema | null;
  /** Whether the organization can start it; false while a model that it needs is not configured. */
  readonly ready: boolean;
  /** What is to be set first. */
  readonly not_ready_because: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** `POST /api/v1/runs`: 201 with an `ApiRun` (200 when the idempotency key named a run that was there). */
export interface ApiRunRequest {
  readonly workflow_id: string;
  readonly input?: Json;
  readonly instruction?: string;
  readonly idempotency_key?: string;
  /** `low`, `normal` (the default), `high`, or -10 to 10. */
  readonly priority?: Priority;
  /** What it is found by: at most 20. */
  readonly tags?: readonly string[];
  /** What else is to be known of it: at most 20 entries. It is found by them too. */
  readonly metadata?: { readonly [name: string]: string };
  /** Where its events go. */
  readonly callback?: ApiCallback;
  /** 0 to 25: answer when the run ends, or after that time. */
  readonly wait_seconds?: number;
}

/** `POST /api/v1/runs/batch` with `{ runs }`, 1 to 1,000 of them: what became of each, in the same order. */
export interface ApiBatch {
  readonly started: number;
  /** An idempotency key named a run that was there already. */
  readonly repeated: number;
  readonly refused: number;
  readonly outcomes: readonly ApiBatchOutcome[];
}

export interface ApiBatchOutcome {
  readonly outcome: 'started' | 'repeated' | 'refused';
  /** Null when it was refused. */
  readonly run: ApiRunListItem | null;
  /** Null unless it was refused. */
  readonly error: ApiError['error'] | null;
}

/**
 * `POST /api/v1/runs/:id/rerun`: 201 with the new `ApiRun`. `POST /api/v1/runs/:id/retry` with `{}` gives the run
 * itself.
 */
export interface ApiRerunRequest {
  /** The earlier run's when absent; not together with `from_node`. */
  readonly input?: Json;
  readonly instruction?: string;
  readonly from_node?: string;
  readonly same_version?: boolean;
  readonly idempotency_key?: string;
  readonly priority?: Priority;
  /** The earlier run's when absent. */
  readonly tags?: readonly string[];
  /** The earlier run's when absent. */
  readonly metadata?: { readonly [name: string]: string };
}

/**
 * `GET /api/v1/runs/:id` (`?wait_seconds=0..25&since_version=N`), `POST /api/v1/runs/:id/cancel` (`{ reason? }`).
 * `output` is present when the run completed, wholly or in part with a fitting output.
 */
export interface ApiRun extends ApiRunListItem {
  /** What keeps a pending run back: `a free slot: 500 of 500 runs are active`. Null when nothing does. */
  readonly waiting_for: string | null;
  readonly nodes: readonly ApiNode[];
  /** What its own model calls have used; null when there were none. */
  readonly usage: ApiUsage | null;
  readonly output?: Json;
  /** What to do: only in the answer to a repeated idempotency key whose run has failed or was cancelled. */
  readonly next_action?: string;
}

/**
 * `GET /api/v1/runs` (`?status=&workflow_id=&tag=&field=&created_from=&created_before=&limit=1..100&offset=&before=`)
 * gives `{ runs, total, limit, offset, next_before }`.
 */
export interface ApiRunListItem {
  readonly run_id: string;
  readonly workflow_id: string;
  readonly workflow_name: string;
  readonly workflow_version: number;
  readonly status: RunStatus;
  readonly terminal: boolean;
  /** Grows with every change of the run. */
  readonly version: number;
  readonly agent_count: number;
  readonly credits_reserved: number;
  readonly credits_consumed: number;
  readonly summary: string | null;
  readonly error: ApiRunError | null;
  readonly output_error: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  /** The earlier run whose work this one does again; null when there is none. */
  readonly rerun_of: { readonly run_id: string; readonly from_node: string | null } | null;
  /** How often it was retried. */
  readonly retries: number;
  /** -10 to 10; 0 is normal. */
  readonly priority: number;
  /** The node that started this run; null when a caller did. */
  readonly parent: { readonly run_id: string; readonly node_id: string } | null;
  /** In the order of the alphabet. */
  readonly tags: readonly string[];
  readonly metadata: { readonly [name: string]: string };
}

export interface ApiRunError extends NodeError {
  /** The node that failed; null when the run itself did. */
  readonly node_id: string | null;
}

export interface ApiNode {
  /** The node's id in its workflow; the path of a node inside another one: `review.draft`, `each[3].fetch`. */
  readonly id: string;
  readonly kind: string;
  readonly role: string | null;
  readonly label: string | null;
  readonly status: NodeStatus;
  readonly attempt: number;
  readonly progress: number;
  readonly message: string | null;
  readonly findings: string | null;
  /** The failure that the fallback of a completed node stands in for. */
  readonly error: NodeError | null;
  /** Whether the output is the node's fallback (`on_error: { use: … }`). */
  readonly used_fallback: boolean;
  /** Null unless it waits. */
  readonly waiting_for: WaitReason | null;
  /** What keeps it from beginning its work: `the resource crm: 4 of 4 uses are under way`. Null when nothing does. */
  readonly held_up_by: string | null;
  readonly waiting_until: string | null;
  /** What a person is asked; null unless it waits for an answer. */
  readonly question: Question | null;
  /** What it waits for; null unless it waits for an event. */
  readonly event: { readonly name: string; readonly key: string } | null;
  /** The run that the node started. */
  readonly child_run_id: string | null;
  /** For a `map`: how many items there are, have completed and have failed. */
  readonly items: ItemCounts | null;
  /** For a `repeat`: how many rounds have ended; null before the first has, and for other nodes. */
  readonly rounds: number | null;
  /**
   * The nodes inside it that have begun, or were skipped, at whatever depth, in the order in which they began: what
   * stands in what, their paths tell. Those of an item of a `map`, and of a round of a `repeat`, are there while it is worked on. Empty for a node that
   * holds no others; those of them have no `inner` of their own.
   */
  readonly inner: readonly ApiNode[];
  /** What its model calls have used, over all attempts; null when there were none. */
  readonly usage: ApiUsage | null;
  readonly started_at: string | null;
  readonly completed_at: string | null;
}

/**
 * `GET /api/v1/runs/:id/nodes/:node/items` (`?status=completed|failed&after=SEQ&limit=1..1000`) gives
 * `{ items, next_after }`: the items of a `map`, or the rounds of a `repeat` (by id or path), that have ended, in the order in which they ended. `next_after` is null
 * when there are no more for now.
 */
export interface ApiNodeItem {
  /** Of an item, from 0; of a round, from 1. */
  readonly index: number;
  /** The attempt at the node in which it ended. */
  readonly attempt: number;
  readonly status: 'completed' | 'failed';
  readonly error: NodeError | null;
  /** Present when it completed. */
  readonly output?: Json;
  readonly seq: number;
  readonly at: string;
}

/**
 * `GET /api/v1/runs/:id/events` (`?after=SEQ&limit=1..1000`) gives `{ events, next_after }`: the `after` to go on with,
 * null when there are no more for now. With `Accept: text/event-stream` the same entries come as server-sent events
 * (`id:` the sequence number, `event:` the kind, `data:` this as JSON) until the run ends; a comment line keeps idle
 * connections open; `Last-Event-ID` is understood.
 */
export interface ApiEvent {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly node_id: string | null;
  /** What the event says beyond that; see the event kinds in docs/api.md. */
  readonly data: { readonly [field: string]: Json };
}

/** What model calls have used. */
export interface ApiUsage {
  readonly calls: number;
  /** All that was sent, what a provider had cached included. */
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly output_tokens: number;
  /** In US dollars, of the calls whose price is known. */
  readonly cost_usd: number;
  /** Calls of models without a known price. */
  readonly unpriced_calls: number;
}

/** `GET /api/v1/usage` (`?month=YYYY-MM&organization=`): this month (UTC) when none is named. */
export interface ApiMonthUsage {
  readonly month: string;
  readonly total: ApiUsage;
  /** By model. */
  readonly models: readonly (ApiUsage & { readonly model: string })[];
}

/** In US dollars per million tokens. */
export interface ApiModelPrice {
  readonly input: number;
  readonly cached_input: number | null;
  readonly cache_write: number | null;
  readonly output: number;
}

/** `GET /api/v1/models` (`?organization=`). */
export interface ApiModels {
  readonly providers: readonly {
    readonly name: string;
    readonly api: ModelApi;
    /** Absent for keys without the scope `operate`, as is `key_env`. */
    readonly base_url?: string | null;
    /** The environment variable that its key stands in; null when it needs none. */
    readonly key_env?: string | null;
    /** Where the key comes from; null when it is missing. */
    readonly key: 'organization' | 'environment' | 'not needed' | null;
    readonly usable: boolean;
    /** What is to be set first. */
    readonly lacking: string | null;
  }[];
  readonly aliases: readonly {
    readonly name: string;
    readonly models: readonly {
      readonly name: string;
      readonly usable: boolean;
      readonly lacking: string | null;
      readonly price: ApiModelPrice | null;
    }[];
  }[];
  readonly prices: readonly (ApiModelPrice & { readonly model: string })[];
}

/**
 * `POST /api/v1/models/test` with `{ model?, organization? }`: asks a model (the alias `default` when none is named) a
 * very short question.
 */
export type ApiModelTest =
  | { readonly ok: true; readonly model: string; readonly milliseconds: number; readonly usage: ApiUsage }
  | { readonly ok: false; readonly kind: string; readonly message: string };

/**
 * `GET /api/v1/model-credentials` (`?organization=`) gives `{ credentials }`; `PUT /api/v1/model-credentials/:provider`
 * with `{ key, organization? }` gives one; `DELETE` (`?organization=`): 204. The key itself is never sent back.
 */
export interface ApiModelCredential {
  readonly provider: string;
  /** The key's last characters. */
  readonly hint: string;
  readonly created_at: string;
}

/**
 * `GET /api/v1/organizations` gives `{ organizations, total }`; `POST` with `{ slug, name?, monthly_credits? }`
 * (default 1,000): 201.
 */
export interface ApiOrganization {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly created_at: string;
  /** How much may go on at once; what is absent is as the server's settings say, null is no limit. */
  readonly limits: { readonly runs?: number | null; readonly nodes?: number | null };
  /** Which ended runs are kept: what is absent is as the server's settings say. */
  readonly retention: ApiRetention;
  /** The day of the month on which its billing cycles begin; null: as the server's settings say. */
  readonly billing_day: number | null;
}

/** `PATCH /api/v1/organizations/:slug`: what is absent stays, null is as the server's settings say. */
export interface ApiOrganizationChange {
  readonly name?: string;
  readonly limits?: { readonly runs?: number | null; readonly nodes?: number | null } | null;
  readonly retention?: { readonly [Status in keyof ApiRetention]: ApiRetention[Status] | null } | null;
  /** 1 to 28. */
  readonly billing_day?: number | null;
}

/** By status; `all` for those that have no rule of their own, field by field. Null: no bound. */
export type ApiRetention = {
  readonly [Status in EndedStatus | 'all']?: {
    /** Runs that ended within this time. */
    readonly keep_for_seconds?: number | null;
    /** The newest so many. */
    readonly keep?: number | null;
  };
};

/** `GET /api/v1/keys` (`?organization=`) gives `{ keys }`; `DELETE /api/v1/keys/:id` (`?organization=`): 204. */
export interface ApiKeyView {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly scopes: readonly Scope[];
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly last_used_at: string | null;
}

/** `GET /api/v1/grants` (`?organization=`) gives `{ grants }`; `DELETE /api/v1/grants/:id` (`?organization=`): 204. */
export interface ApiGrant {
  readonly id: string;
  readonly client: {
    /** What it calls itself. */
    readonly name: string;
    /** The address of the document about it, or the id that it registered under. */
    readonly id: string;
    /** Where it had people sent back to: a host name, or the scheme of an app. */
    readonly host: string;
  };
  /** Who signed in: `key sk_live_Ab3d`. */
  readonly signed_in_with: string;
  readonly scopes: readonly Scope[];
  /** The paths that it is for: `/mcp`. */
  readonly resources: readonly string[];
  readonly created_at: string;
  /** When it ends unless it is used before. */
  readonly expires_at: string;
  readonly last_used_at: string | null;
}

/** `POST /api/v1/keys` with `{ name, scopes?, expires_at?, organization? }` (scopes default to `["run"]`): 201. */
export interface ApiNewKey extends ApiKeyView {
  /** The key itself, seen this once. */
  readonly key: string;
}
