import type { HandlerContext } from 'errand';
import { count, list } from '../../../site_checkup/lib/report.js';
import { type AgentReport, conclude, scoreIssues } from '../../lib/reports/issue.js';
import type { Profile } from '../../lib/profile.js';
import { requireSite, type SiteInput } from '../../lib/site/shop-site.js';
import { inspectSite, type SiteFacts } from '../../lib/site/site-issues.js';

export interface SiteReaderInput extends SiteInput {
  readonly profile: Profile;
}

/** Looks for what customers and assistants need to read on the site: name, address, telephone, hours, services, town. */
export default function siteReader(ctx: HandlerContext<SiteReaderInput>): AgentReport<SiteFacts> {
  const site = requireSite(ctx.input);
  const { business } = ctx.input.profile;
  ctx.progress(20, `Reading ${count(site.pages.length, 'page')}`);
  const { facts, issues } = inspectSite(site, business);
  const missing = facts.services.filter(({ pages }) => pages.length === 0).map(({ service }) => service);
  const services =
    missing.length === 0
      ? 'every service is spoken of'
      : `${list(missing.slice(0, 3))} ${missing.length === 1 ? 'is' : 'are'} not spoken of`;
  return conclude(ctx, {
    score: scoreIssues(issues),
    findings: `${count(facts.pages, 'page')} read: ${services}, and ${count(issues.length, 'thing')} to improve.`,
    issues,
    details: facts,
  });
}
