import type { HandlerContext, JsonSchema } from 'errand';
import { count, list } from '../../../site_checkup/lib/report.js';
import { writeDraft } from '../../lib/customers/draft.js';
import { type AgentReport, conclude } from '../../lib/reports/issue.js';
import type { Profile } from '../../lib/profile.js';
import { strictObject } from '../../lib/customers/strict-object.js';
import type { Gaps } from './gap-finder.js';

export interface ContentPlannerInput {
  readonly profile: Profile;
  readonly gaps: AgentReport<Gaps> | null;
}

export interface ContentBrief {
  readonly service: string;
  readonly title: string;
  readonly answers: string;
  readonly outline: readonly string[];
}

export interface ContentPlan {
  readonly briefs: readonly ContentBrief[];
  readonly needs_a_look: readonly string[];
}

const MAX_BRIEFS = 5;

const BRIEFS: JsonSchema = {
  title: 'content_briefs',
  ...strictObject({
    briefs: {
      type: 'array',
      items: strictObject({
        service: { type: 'string' },
        title: { type: 'string' },
        answers: { type: 'string', description: 'The question of a customer that the page answers.' },
        outline: { type: 'array', items: { type: 'string' } },
      }),
    },
  }),
};

const TASK =
  'Plan a page for each of the services below, which have none yet: its title, the question of a customer that it answers, and an outline of three to six points that its author ' +
  'can write from what they know of their trade. `service` is to be exactly as given.';

/** Plans the pages that are missing. */
export default async function contentPlanner(
  ctx: HandlerContext<ContentPlannerInput>,
): Promise<AgentReport<ContentPlan>> {
  const { profile, gaps } = ctx.input;
  const { business } = profile;
  const missing = gaps?.details.missingServices ?? business.services;
  const services = (missing.length === 0 ? business.services : missing).slice(0, MAX_BRIEFS);
  ctx.progress(10, `Planning ${count(services.length, 'page')}`);
  const { draft, problems } = await writeDraft<{ briefs: ContentBrief[] }>(
    ctx,
    { key: 'briefs', business, task: TASK, material: { services }, schema: BRIEFS },
    ({ briefs }) => [
      ...services
        .filter((service) => briefs.every((brief) => brief.service !== service))
        .map((service) => `There is no brief for “${service}”.`),
      ...briefs
        .filter(({ outline }) => outline.length < 3 || outline.length > 6)
        .map(({ service, outline }) => `The outline for “${service}” has ${outline.length} points, not three to six.`),
    ],
  );
  const briefs = draft.briefs.filter(({ service }) => services.includes(service));
  return conclude(ctx, {
    score: null,
    findings:
      briefs.length === 0
        ? 'No page could be planned.'
        : `${count(briefs.length, 'page')} planned: ${list(briefs.slice(0, 3).map(({ service }) => service))}.`,
    issues: [],
    details: { briefs, needs_a_look: problems },
  });
}
