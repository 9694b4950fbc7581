import type { HandlerContext } from 'errand';
import { count } from '../../../site_checkup/lib/report.js';
import { type AgentReport, conclude, scoreIssues } from '../../lib/reports/issue.js';
import type { Profile } from '../../lib/profile.js';
import { requireSite, type SiteInput } from '../../lib/site/shop-site.js';
import { inspectStructuredData, type StructuredData } from '../../lib/site/structured-data.js';

export interface StructuredDataInput extends SiteInput {
  readonly profile: Profile;
}

/** Reads the site's JSON-LD and holds it against the profile. */
export default function structuredDataInspector(ctx: HandlerContext<StructuredDataInput>): AgentReport<StructuredData> {
  const site = requireSite(ctx.input);
  ctx.progress(20, 'Reading structured data');
  const { data, issues } = inspectStructuredData(site, ctx.input.profile.business);
  const wrong = issues.filter(({ rule }) => rule.endsWith('-wrong')).length;
  const described =
    data.business === null
      ? 'No page describes the business to machines'
      : `The site describes the business to machines (${data.business.type})`;
  return conclude(ctx, {
    score: scoreIssues(issues),
    findings: `${described}; ${wrong === 0 ? 'nothing in it is wrong' : `${count(wrong, 'fact')} in it ${wrong === 1 ? 'is' : 'are'} wrong`}, ${count(issues.length - wrong, 'other thing')} to improve.`,
    issues,
    details: data,
  });
}
