import type { HandlerContext, JsonSchema } from 'errand';

export type Severity = 'high' | 'medium' | 'low';

/** Something that costs the shop customers, and what to do about it. */
export interface Issue {
  readonly rule: string;
  readonly severity: Severity;
  /** For the shop's owner. */
  readonly message: string;
  readonly action: string;
  /** Where, when it is on a page. */
  readonly page: string | null;
}

/** What every agent hands on. */
export interface AgentReport<Details> {
  /** 0 to 100; null when there was nothing to judge. */
  readonly score: number | null;
  readonly findings: string;
  readonly issues: readonly Issue[];
  readonly details: Details;
}

export const ISSUE_SCHEMA: JsonSchema = {
  type: 'object',
  required: ['agent', 'rule', 'severity', 'message', 'action', 'page'],
  properties: {
    agent: { type: 'string', description: 'The role of the agent that found it.' },
    rule: { type: 'string' },
    severity: { enum: ['high', 'medium', 'low'] },
    message: { type: 'string' },
    action: { type: 'string', description: 'What to do about it.' },
    page: { type: ['string', 'null'], description: 'Where; null when it is on no page.' },
  },
};

const SEVERITIES: readonly Severity[] = ['high', 'medium', 'low'];
const PENALTY: { readonly [severity in Severity]: number } = { high: 20, medium: 9, low: 3 };
const HALVING_PENALTY = 60;

/** Every `HALVING_PENALTY` points of penalty halve the score, from 100 on; a rule that is broken again costs a quarter each time. */
export function scoreIssues(issues: readonly Pick<Issue, 'rule' | 'severity'>[]): number {
  const seen = new Set<string>();
  let penalty = 0;
  for (const { rule, severity } of issues) {
    penalty += seen.has(rule) ? PENALTY[severity] / 4 : PENALTY[severity];
    seen.add(rule);
  }
  return Math.round(100 * 0.5 ** (penalty / HALVING_PENALTY));
}

export function worstFirst<T extends { readonly severity: Severity }>(issues: readonly T[]): T[] {
  return issues.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

/** Ends an agent's work: tells what it found and hands its report on. */
export function conclude<Details>(
  ctx: Pick<HandlerContext, 'progress' | 'findings'>,
  report: AgentReport<Details>,
): AgentReport<Details> {
  ctx.progress(100);
  ctx.findings(report.findings);
  return { ...report, issues: worstFirst(report.issues) };
}
