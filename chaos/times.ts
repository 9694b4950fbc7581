import { MEASURED } from './load/workload.js';
import type { RunRecord } from './records.js';

/** A time of the wall clock, in milliseconds, during which one server served. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** How long runs took, in milliseconds. */
export interface Times {
  readonly runs: number;
  readonly p50: number;
  readonly p95: number;
}

/**
 * Of the measured workflow's runs that began and ended under one and the same server: from their acceptance to their end.
 * `firstMs`: of those alone that were accepted within so long of its beginning.
 */
export function timesWithin(
  records: Iterable<RunRecord>,
  windows: readonly Window[],
  firstMs = Number.POSITIVE_INFINITY,
): Times {
  const took: number[] = [];
  for (const { record } of records) {
    if (record.workflow_id !== MEASURED || record.status !== 'completed' || record.retries > 0) continue;
    const [created, completed] = [Date.parse(record.created_at), Date.parse(record.completed_at ?? '')];
    const isWithin = ({ from, to }: Window): boolean => created >= from && completed <= to && created < from + firstMs;
    if (windows.some(isWithin)) took.push(completed - created);
  }
  took.sort((a, b) => a - b);
  const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN;
  return { runs: took.length, p50: at(0.5), p95: at(0.95) };
}

export const describeTimes = ({ runs, p50, p95 }: Times): string => `${runs} runs, p50 ${p50} ms, p95 ${p95} ms`;
