import type { HandlerContext } from 'errand';
import { list } from '../../../site_checkup/lib/report.js';
import { type ChildResult, type ChildResults, collectTasks, planBySeverity } from '../../lib/reports/full-plan.js';
import type { AgentReport } from '../../lib/reports/issue.js';
import type { Profile } from '../../lib/profile.js';
import type { AdvisedPlan } from './service-advisor.js';

export interface FullReportInput {
  readonly profile: Profile;
  readonly children: ChildResults;
  readonly advisor: AgentReport<AdvisedPlan> | null;
  /** By the name of the child; null unless it failed. */
  readonly errors: { readonly [name: string]: { readonly message: string } | null };
}

const NAMES: { readonly [name: string]: string } = {
  checkup: 'AI Shop Checkup',
  fixes: 'Fix My Visibility',
  campaign: 'Conquest Campaign',
  menu: 'Service Menu Update',
  reputation: 'Reputation Shield',
  advisor: 'Service Advisor',
};

/** Puts everything together. Without the advisor the plan is made by severity alone. */
export default function fullReport({ input }: Pick<HandlerContext<FullReportInput>, 'input'>): object {
  const { profile, children, advisor, errors } = input;
  const tasks = collectTasks(children);
  const steps = advisor?.details.steps ?? planBySeverity(tasks);
  const scores = Object.values(children).flatMap((child: ChildResult | null) => child?.score ?? []);
  const score = scores.length === 0 ? null : Math.round(scores.reduce((sum, each) => sum + each, 0) / scores.length);
  const failed = Object.entries(errors).flatMap(([name, error]) => (error === null ? [] : [NAMES[name] ?? name]));
  const { name } = profile.business;
  const opening =
    advisor?.details.opening ?? (score === null ? `${name} could not be scored.` : `${name} scores ${score} of 100.`);
  const first = steps.slice(0, 3).map(({ message, action }, index) => `${index + 1}. ${message} ${action}`);
  const begin = first.length === 0 ? '' : ` Begin with this: ${first.join(' ')}`;
  const left = failed.length === 0 ? '' : ` ${list(failed)} could not finish.`;
  return {
    summary: `${opening}${begin}${left}`,
    result: {
      business: name,
      score,
      plan: { opening, steps, made_by: advisor === null ? 'severity' : 'advisor' },
      tasks,
      failed: Object.entries(errors).flatMap(([agent, error]) =>
        error === null ? [] : [{ agent, reason: error.message }],
      ),
      ...children,
    },
  };
}
