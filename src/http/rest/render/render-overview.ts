import type {
  ApiDayFigures,
  ApiDays,
  ApiOverview,
  ApiOverviewWait,
  ApiTrend,
  ApiTrendSpan,
} from '../../../api/overview-types.js';
import type {
  EndedFigures,
  Overview,
  OverviewWait,
  TrendSpan,
  WorkflowTrend,
} from '../../../core/estimates/overview.js';
import { tellDay, type DayFigures, type DaysReport } from '../../../core/estimates/run-days.js';
import { renderRunId } from '../../../core/render/run-id.js';
import { tellMoment, tellMomentOrNull } from '../../../core/time/moment.js';
import { renderRunListItem } from './render.js';

export function renderOverview({ counts, waits, lookedAt }: Overview): ApiOverview {
  return { counts, waits: waits.map(renderWait), looked_at: lookedAt };
}

function renderWait({ run, nodeId, label, waitsFor, reason, until }: OverviewWait): ApiOverviewWait {
  return {
    run_id: renderRunId(run.id),
    workflow_id: run.workflowId,
    workflow_name: run.workflowName,
    created_at: tellMoment(run.createdAt),
    node_id: nodeId,
    label,
    waits_for: waitsFor,
    reason,
    until: tellMomentOrNull(until),
  };
}

export function renderTrend(trend: WorkflowTrend): ApiTrend {
  return {
    workflow_id: trend.workflowId,
    workflow_name: trend.workflowName,
    latest: trend.latest.map(renderRunListItem),
    whole: renderSpan(trend.whole),
    spans: trend.spans.map(renderSpan),
    cost_usd: trend.costMicros / 1_000_000,
    unpriced_runs: trend.unpricedRuns,
  };
}

function renderSpan(span: TrendSpan): ApiTrendSpan {
  const { from, to, runs } = span;
  return { from: tellMomentOrNull(from), to: tellMomentOrNull(to), runs, ...renderEnded(span) };
}

export function renderDays({ since, whole, days }: DaysReport): ApiDays {
  return {
    since: since === null ? null : tellDay(since),
    whole: renderFigures(whole),
    days: days.map(({ day, figures }) => ({ day: tellDay(day), ...renderFigures(figures) })),
  };
}

function renderFigures(figures: DayFigures): ApiDayFigures {
  const { costMicros, unpricedRuns } = figures;
  return { ...renderEnded(figures), cost_usd: costMicros / 1_000_000, unpriced_runs: unpricedRuns };
}

function renderEnded({ ended, completed, partial, failed, cancelled, durationMs, credits }: EndedFigures) {
  return {
    ended,
    completed,
    partial_complete: partial,
    failed,
    cancelled,
    duration_seconds: durationMs === null ? null : { p50: durationMs.p50 / 1_000, p95: durationMs.p95 / 1_000 },
    credits,
  };
}
