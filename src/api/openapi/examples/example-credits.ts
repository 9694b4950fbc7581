import type { ApiCreditMovement, ApiCredits, ApiLimits, ApiTopUp } from '../../credit-types.js';

export const CREDITS: ApiCredits = {
  available: 974,
  reserved: 1,
  used_this_month: 25,
  monthly_limit: 1000,
  topped_up: 0,
  paid_by_top_ups: 0,
  reset_date: '2026-12-01',
};

export const LIMITS: ApiLimits = {
  runs: { used: 3, limit: 5, own: true, process_limit: 500 },
  nodes: { used: null, limit: null, own: false, process_limit: null },
  calls: { key: { used: 12, limit: 600 }, changes: { used: 1, limit: 60 }, organization: { used: 40, limit: 6000 } },
  credits: { used: 26, limit: 1000 },
  workflows: [{ workflow_id: 'site_checkup', runs: { used: 1, limit: 2 }, nodes: null }],
  resources: [
    { resource: 'crm_api', concurrency: { used: 4, limit: 4 }, rate: { used: 38, limit: 60, per_seconds: 60 } },
  ],
};

export const MOVEMENT: ApiCreditMovement = {
  id: '019ab7c4-9c3b-7a51-8f6e-0d2f6c1b7a44',
  run_id: 'run_019ab7c4-9c3b-7a51-8f6e-0d2f6c1b7a11',
  kind: 'settle',
  reserved_delta: -1,
  used_delta: 1,
  topped_up_delta: 0,
  reason: null,
  idempotency_key: null,
  at: '2026-11-21T20:16:07.456Z',
};

const TOPPED_UP: ApiTopUp = {
  id: '019ab7c4-9c3b-7a51-8f6e-0d2f6c1b7a55',
  credits: 5000,
  reason: 'Invoice 2026-118',
  balance: { ...CREDITS, available: 5974, topped_up: 5000 },
};

export const TOP_UP = {
  body: { credits: 5000, reason: 'Invoice 2026-118', idempotency_key: 'invoice-2026-118' },
  answer: TOPPED_UP,
};
