import type { ShownPrice } from '../core/render/render-price.js';

/** What use of a workflow costs, in credits; `base`: each run, or each completion of a node. */
export type ApiPrice = ShownPrice;

/**
 * `GET /api/v1/credits` (`?organization=SLUG` with scope `operate`); `PUT /api/v1/organizations/:slug/credits` with
 * `{ monthly_credits }`.
 */
export interface ApiCredits {
  readonly available: number;
  readonly reserved: number;
  readonly used_this_month: number;
  readonly monthly_limit: number;
  /** What is left of top-ups: it pays for what is used beyond the limit, in this month or a later one. */
  readonly topped_up: number;
  /** What top-ups have paid for this month. */
  readonly paid_by_top_ups: number;
  readonly reset_date: string;
}

/**
 * `GET /api/v1/limits` (`?organization=SLUG` with scope `operate`). Of several processes, each counts runs, nodes and
 * calls by itself.
 */
export interface ApiLimits {
  readonly runs: ApiConcurrency;
  readonly nodes: ApiConcurrency;
  readonly calls: {
    /** With the key that asks. Each is null where it is not counted. */
    readonly key: ApiCallRate | null;
    /** The same of `run_workflow` and `cancel_workflow_run` of contract B. */
    readonly changes: ApiCallRate | null;
    /** Of the organization, with all its keys. */
    readonly organization: ApiCallRate | null;
  };
  readonly credits: {
    /** Used this month and reserved. */
    readonly used: number;
    /** Of a month, with what is left of top-ups and what they have paid for. */
    readonly limit: number;
  };
  /** Of the workflows for all organizations that this one can start, those that have limits. */
  readonly workflows: readonly ApiWorkflowLimits[];
  /** The declared resources that workflows which it can start use, by name. */
  readonly resources: readonly ApiResourceLimits[];
}

/** Each is null where there is none. */
export interface ApiWorkflowLimits {
  readonly workflow_id: string;
  readonly runs: ApiSharedLimit | null;
  readonly nodes: ApiSharedLimit | null;
}

/** Each is null where there is none. */
export interface ApiResourceLimits {
  readonly resource: string;
  /** Uses at once. */
  readonly concurrency: ApiSharedLimit | null;
  /** Uses that may begin within so many seconds. */
  readonly rate: (ApiSharedLimit & { readonly per_seconds: number }) | null;
}

/** A limit that organizations share. */
export interface ApiSharedLimit {
  /** By all of them together; null for whoever does not operate the server. */
  readonly used: number | null;
  readonly limit: number;
}

/** How many may be active at once. */
export interface ApiConcurrency {
  /** Null: nothing limits it, so nothing counts it. */
  readonly used: number | null;
  /** Null: none. */
  readonly limit: number | null;
  /** Whether it was set for this organization; else it is the server's for all that have none of their own. */
  readonly own: boolean;
  /** For all organizations together; null: none. */
  readonly process_limit: number | null;
}

/** Calls in a minute; `used`: in the last one. */
export interface ApiCallRate {
  readonly used: number;
  readonly limit: number;
}

/** `GET /api/v1/credits/movements` (`?organization=&limit=&offset=`) gives `{ movements }`, newest first. */
export interface ApiCreditMovement {
  readonly id: string;
  /** Null for a top-up. */
  readonly run_id: string | null;
  readonly kind: 'reserve' | 'settle' | 'top_up';
  readonly reserved_delta: number;
  readonly used_delta: number;
  /** What was added to top-ups, or taken from them for what is used beyond the limit. */
  readonly topped_up_delta: number;
  /** Of a top-up. */
  readonly reason: string | null;
  readonly idempotency_key: string | null;
  readonly at: string;
}

/** `POST /api/v1/organizations/:slug/top-ups`. */
export interface ApiTopUp {
  /** Of the movement in the ledger. */
  readonly id: string;
  readonly credits: number;
  readonly reason: string;
  readonly balance: ApiCredits;
}
