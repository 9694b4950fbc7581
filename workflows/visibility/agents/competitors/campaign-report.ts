import type { HandlerContext } from 'errand';
import { describeFailed, type EndedAgent, mergeReports } from '../../lib/reports/merge-reports.js';
import type { Profile } from '../../lib/profile.js';
import type { ShareOfVoice } from './answer-scout.js';
import type { PlannedCampaign } from './campaign-planner.js';
import type { Presences } from './competitor-reader.js';
import type { Comparison } from './gap-analyst.js';

export interface CampaignReportInput {
  readonly profile: Profile;
  readonly agents: {
    readonly reader: EndedAgent<Presences>;
    readonly scout: EndedAgent<ShareOfVoice>;
    readonly analyst: EndedAgent<Comparison>;
    readonly planner: EndedAgent<PlannedCampaign>;
  };
}

/** Puts the comparison and the campaign together. */
export default function campaignReport({ input }: Pick<HandlerContext<CampaignReportInput>, 'input'>): object {
  const { profile, agents } = input;
  const all = Object.values(agents);
  const told = [agents.scout, agents.analyst, agents.planner].flatMap(({ report }) =>
    report === null ? [] : [report.findings],
  );
  const campaign = agents.planner.report?.details ?? null;
  const start = campaign?.weeks[0];
  const first = start === undefined ? '' : ` Begin this week: ${start.goal}`;
  return {
    summary: `${told.length === 0 ? 'You could not be compared with your competitors.' : told.join(' ')}${first}${describeFailed(all)}`,
    result: {
      business: profile.business.name,
      ...mergeReports(all),
      own: agents.reader.report?.details.own ?? null,
      competitors: agents.reader.report?.details.competitors ?? [],
      share_of_voice: agents.scout.report?.details ?? null,
      comparison: agents.analyst.report?.details ?? null,
      campaign,
    },
  };
}
