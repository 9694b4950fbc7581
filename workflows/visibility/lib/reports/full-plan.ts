import { worstFirst } from './issue.js';
import type { AgentIssue } from './merge-reports.js';
import { normalize } from '../text/text.js';

/** What the workflows that a Full Detail runs came to; null when one did not, or was not run. */
export interface ChildResults {
  readonly checkup: ChildResult | null;
  readonly fixes: ChildResult | null;
  readonly campaign: ChildResult | null;
  readonly menu: ChildResult | null;
  readonly reputation: ChildResult | null;
}

export interface ChildResult {
  readonly score: number | null;
  readonly issues: readonly AgentIssue[];
  readonly [field: string]: unknown;
}

export interface PlanTask extends AgentIssue {
  /** Counts from 1. */
  readonly id: number;
}

export interface PlanStep extends PlanTask {
  /** 1 to 4. */
  readonly week: number;
  readonly why: string;
}

/** The issues of all, worst first; what several found is one. */
export function collectTasks(children: ChildResults): PlanTask[] {
  const seen = new Set<string>();
  const issues = Object.values(children).flatMap((child: ChildResult | null) => child?.issues ?? []);
  return worstFirst(issues)
    .filter(({ rule, page, message }) => {
      const key = `${rule} ${page ?? ''} ${normalize(message)}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .map((issue, index) => ({ id: index + 1, ...issue }));
}

const STEPS_A_WEEK = 3;
const WEEKS = 4;

/** A plan by severity alone, for when nobody made a better one. */
export function planBySeverity(tasks: readonly PlanTask[]): PlanStep[] {
  return tasks.slice(0, STEPS_A_WEEK * WEEKS).map((task, index) => ({
    week: Math.floor(index / STEPS_A_WEEK) + 1,
    why: task.severity === 'high' ? 'It costs you customers now.' : 'It makes you easier to find.',
    ...task,
  }));
}
