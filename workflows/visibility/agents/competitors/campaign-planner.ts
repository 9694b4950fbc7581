import type { HandlerContext, JsonSchema } from 'errand';
import { count } from '../../../site_checkup/lib/report.js';
import { writeDraft } from '../../lib/customers/draft.js';
import { findInvented } from '../../lib/customers/invented.js';
import { type AgentReport, conclude } from '../../lib/reports/issue.js';
import type { Profile } from '../../lib/profile.js';
import { strictObject } from '../../lib/customers/strict-object.js';
import type { Comparison } from './gap-analyst.js';

export interface CampaignPlannerInput {
  readonly profile: Profile;
  readonly comparison: AgentReport<Comparison> | null;
}

export interface Campaign {
  readonly headline: string;
  readonly weeks: readonly { readonly goal: string; readonly tasks: readonly string[] }[];
}

export interface PlannedCampaign extends Campaign {
  readonly needs_a_look: readonly string[];
}

const WEEKS = 4;

const CAMPAIGN: JsonSchema = {
  title: 'campaign',
  ...strictObject({
    headline: { type: 'string' },
    weeks: {
      type: 'array',
      items: strictObject({ goal: { type: 'string' }, tasks: { type: 'array', items: { type: 'string' } } }),
    },
  }),
};

const TASK =
  `Plan a campaign of ${WEEKS} weeks by which this business overtakes its competitors where they are ahead and shows where it is ahead itself. A headline that a customer would ` +
  'read, and for each week a goal and two to five tasks that a shop owner can do without help. Say nothing bad of competitors, and do not name them in what customers see.';

/** Makes a plan of the comparison. */
export default async function campaignPlanner(
  ctx: HandlerContext<CampaignPlannerInput>,
): Promise<AgentReport<PlannedCampaign>> {
  const { profile, comparison } = ctx.input;
  const { business } = profile;
  ctx.progress(10, 'Planning');
  const material = {
    comparison: comparison?.details ?? null,
    gaps: comparison?.issues.map(({ message }) => message) ?? [],
    competitors: business.competitors.map(({ name }) => name),
  };
  const { draft, problems } = await writeDraft<Campaign>(
    ctx,
    { key: 'campaign', business, task: TASK, material, schema: CAMPAIGN },
    ({ headline, weeks }) => [
      ...(weeks.length === WEEKS ? [] : [`There are ${weeks.length} weeks, not ${WEEKS}.`]),
      ...weeks.flatMap(({ tasks }, index) =>
        tasks.length >= 2 && tasks.length <= 5 ? [] : [`Week ${index + 1} has ${tasks.length} tasks, not two to five.`],
      ),
      ...findInvented(headline, business),
    ],
  );
  const tasks = draft.weeks.reduce((sum, week) => sum + week.tasks.length, 0);
  return conclude(ctx, {
    score: null,
    findings: `A campaign of ${count(draft.weeks.length, 'week')} with ${count(tasks, 'task')} is planned: “${draft.headline}”.`,
    issues: [],
    details: { ...draft, needs_a_look: problems },
  });
}
