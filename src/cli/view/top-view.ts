import type { ApiSystem, ApiWorkflowTotals } from '../../api/system-types.js';
import type { Style } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';
import { truncate } from '../terminal/text-width.js';

const MAX_SHOWN = 20;

/** What a server does, as lines; rates are those since `before`, or since the start where that is null. */
export function renderTop(params: {
  readonly before: ApiSystem | null;
  readonly now: ApiSystem;
  readonly width: number;
  readonly style: Style;
}): string[] {
  const { before, now, width, style } = params;
  const { process: used, runs, store } = now;
  const seconds = Math.max(0.001, (Date.parse(now.at) - Date.parse(before?.at ?? now.started_at)) / 1_000);
  const rate = (total: number, earlier: number | undefined): number => (total - (earlier ?? 0)) / seconds;
  const busy = used.busy_seconds - (before?.process.busy_seconds ?? 0);
  const idle = used.idle_seconds - (before?.process.idle_seconds ?? 0);
  const cpu = rate(used.cpu_seconds, before?.process.cpu_seconds);
  const lines = [
    `${style('bold', `Errand ${now.version}`)}  Node ${now.node}  up ${duration(now)}  ${now.engine} engine, ${store.kind}${store.bytes === null ? '' : ` ${bytes(store.bytes)}`}`,
    '',
    `Runs      ${runs.active} of ${runs.max_active} active  ${runs.queued} queued  ${runs.parked} parked  ${runs.nodes_held_up} nodes wait for a slot`,
    `Rates     ${perSecond(sumRate(now, before, seconds, 'accepted'))} runs accepted  ${perSecond(endedRate(now, before, seconds))} ended  ${perSecond(rate(now.totals.requests, before?.totals.requests))} requests  ${perSecond(rate(now.totals.commits, before?.totals.commits))} commits`,
    `Process   ${percent(cpu)} of a core  event loop ${percent(busy / Math.max(0.001, busy + idle))} busy  ${bytes(used.resident_bytes)} resident`,
    '',
  ].map((line) => truncate(line, width));
  return [...lines, ...workflowTable({ ...params, seconds })];
}

function workflowTable(params: {
  readonly before: ApiSystem | null;
  readonly now: ApiSystem;
  readonly seconds: number;
  readonly width: number;
  readonly style: Style;
}): string[] {
  const { before, now, seconds, width, style } = params;
  const earlier = new Map(before?.workflows.map((totals) => [totals.workflow_id, totals]));
  const rows = now.workflows
    .map((totals) => {
      const was = earlier.get(totals.workflow_id);
      return {
        totals,
        accepted: (totals.accepted - (was?.accepted ?? 0)) / seconds,
        ended: (sumEnded(totals) - (was === undefined ? 0 : sumEnded(was))) / seconds,
      };
    })
    .toSorted((a, b) => b.accepted + b.ended - (a.accepted + a.ended) || b.totals.accepted - a.totals.accepted);
  if (rows.length === 0) return ['No run has been accepted since the start.'];
  const table = renderTable({
    columns: [
      { header: 'Workflow', value: ({ totals }) => totals.workflow_id, min: 12 },
      { header: 'accepted/s', value: ({ accepted }) => accepted.toFixed(1), align: 'right' },
      { header: 'ended/s', value: ({ ended }) => ended.toFixed(1), align: 'right' },
      { header: 'accepted', value: ({ totals }) => String(totals.accepted), align: 'right' },
      { header: 'completed', value: ({ totals }) => String(totals.completed), align: 'right', optional: true },
      { header: 'partial', value: ({ totals }) => String(totals.partial_complete), align: 'right', optional: true },
      {
        header: 'failed',
        value: ({ totals }) => String(totals.failed),
        align: 'right',
        colour: ({ totals }) => (totals.failed > 0 ? 'red' : null),
      },
      { header: 'cancelled', value: ({ totals }) => String(totals.cancelled), align: 'right', optional: true },
    ],
    rows: rows.slice(0, MAX_SHOWN),
    width,
    style,
  });
  return rows.length > MAX_SHOWN ? [...table, style('dim', `and ${rows.length - MAX_SHOWN} more`)] : table;
}

function sumEnded({ completed, partial_complete: partial, failed, cancelled }: ApiWorkflowTotals): number {
  return completed + partial + failed + cancelled;
}

function sumRate(now: ApiSystem, before: ApiSystem | null, seconds: number, field: 'accepted'): number {
  const sum = (system: ApiSystem | null): number => system?.workflows.reduce((all, one) => all + one[field], 0) ?? 0;
  return (sum(now) - sum(before)) / seconds;
}

function endedRate(now: ApiSystem, before: ApiSystem | null, seconds: number): number {
  const sum = (system: ApiSystem | null): number => system?.workflows.reduce((all, one) => all + sumEnded(one), 0) ?? 0;
  return (sum(now) - sum(before)) / seconds;
}

function perSecond(rate: number): string {
  return `${rate.toFixed(rate < 10 ? 1 : 0)}/s`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function bytes(count: number): string {
  if (count < 1_048_576) return `${Math.round(count / 1_024)} KB`;
  return count < 1_073_741_824 ? `${Math.round(count / 1_048_576)} MB` : `${(count / 1_073_741_824).toFixed(1)} GB`;
}

function duration({ started_at: from, at: to }: ApiSystem): string {
  const minutes = Math.floor((Date.parse(to) - Date.parse(from)) / 60_000);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  return hours === 0 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
}
