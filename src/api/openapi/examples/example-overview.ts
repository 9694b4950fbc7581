import type { ApiRunListItem } from '../../api-types.js';
import type { ApiDayFigures, ApiDays, ApiOverview, ApiTrend, ApiTrendSpan } from '../../overview-types.js';

const AT = '2026-11-21T20:16:05.123Z';

export const EXAMPLE_OVERVIEW: ApiOverview = {
  counts: { pending: 0, running: 2, completed: 4711, partial_complete: 3, failed: 12, cancelled: 1 },
  waits: [
    {
      run_id: 'run_019a9e5f-6c4e-7a53-8d2f-3b1c5e7a9d10',
      workflow_id: 'release',
      workflow_name: 'Release',
      created_at: AT,
      node_id: 'approve',
      label: 'Release manager',
      waits_for: 'answer',
      reason: 'Release version 1.4.2 to all customers?',
      until: null,
    },
  ],
  looked_at: 2,
};

const SPAN: ApiTrendSpan = {
  from: AT,
  to: AT,
  runs: 1,
  ended: 1,
  completed: 1,
  partial_complete: 0,
  failed: 0,
  cancelled: 0,
  duration_seconds: { p50: 1.4, p95: 3.2 },
  credits: 1,
};

export function exampleTrend(run: ApiRunListItem): ApiTrend {
  const { workflow_id, workflow_name } = run;
  return { workflow_id, workflow_name, latest: [run], whole: SPAN, spans: [SPAN], cost_usd: 0.0021, unpriced_runs: 0 };
}

const FIGURES: ApiDayFigures = {
  ended: 48,
  completed: 45,
  partial_complete: 1,
  failed: 2,
  cancelled: 0,
  duration_seconds: { p50: 1.4, p95: 3.2 },
  credits: 45,
  cost_usd: 0.12,
  unpriced_runs: 0,
};

export const EXAMPLE_DAYS: ApiDays = {
  since: '2026-11-21',
  whole: FIGURES,
  days: [{ day: '2026-11-21', ...FIGURES }],
};
