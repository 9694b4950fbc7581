import { list } from '../../../site_checkup/lib/report.js';
import { type AgentReport, type Issue, worstFirst } from './issue.js';
import { shorten } from '../text/text.js';

/** An agent and what it came to, as the node that writes the report is given it. */
export interface EndedAgent<Details = unknown> {
  readonly role: string;
  readonly label: string;
  readonly report: AgentReport<Details> | null;
  readonly error: { readonly message: string } | null;
}

export type AgentIssue = Issue & { readonly agent: string };

export interface MergedReports {
  /** The average of the agents that judged something; null when none did. */
  readonly score: number | null;
  readonly agents: { readonly [role: string]: { readonly score: number | null; readonly findings: string } };
  /** Worst first. */
  readonly issues: readonly AgentIssue[];
  readonly failed: readonly { readonly agent: string; readonly reason: string }[];
}

export function mergeReports(agents: readonly EndedAgent[]): MergedReports {
  const ended = agents.flatMap(({ role, report }) => (report === null ? [] : [{ role, report }]));
  const scores = ended.flatMap(({ report }) => (report.score === null ? [] : [report.score]));
  return {
    score: scores.length === 0 ? null : Math.round(scores.reduce((sum, score) => sum + score, 0) / scores.length),
    agents: Object.fromEntries(ended.map(({ role, report: { score, findings } }) => [role, { score, findings }])),
    issues: worstFirst(ended.flatMap(({ role, report }) => report.issues.map((issue) => ({ agent: role, ...issue })))),
    failed: agents.flatMap(({ role, error }) =>
      error === null ? [] : [{ agent: role, reason: shorten(error.message, 500) }],
    ),
  };
}

/** What to do first, as sentences for a summary: the worst issues, each once. */
export function describeNext(issues: readonly Pick<Issue, 'rule' | 'message' | 'action'>[], most: number): string {
  const first = issues
    .filter(({ rule }, index) => issues.findIndex((each) => each.rule === rule) === index)
    .slice(0, most);
  if (first.length === 0) return 'There is nothing urgent to do.';
  const steps = first.map(({ message, action }, index) => `${index + 1}. ${message} ${action}`);
  return `What to do first: ${steps.join(' ')}`;
}

/** Who could not do their work, as a sentence; empty when all could. */
export function describeFailed(agents: readonly EndedAgent[]): string {
  const labels = agents.filter(({ error }) => error !== null).map(({ label }) => label);
  return labels.length === 0
    ? ''
    : ` ${list(labels)} could not finish, so ${labels.length === 1 ? 'its' : 'their'} part is missing.`;
}
