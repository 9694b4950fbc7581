import type { HandlerContext } from 'errand';
import { count } from '../../../site_checkup/lib/report.js';
import { type AgentReport, conclude, type Issue, scoreIssues } from '../../lib/reports/issue.js';
import type { Profile } from '../../lib/profile.js';
import { requireSite, type SiteInput } from '../../lib/site/shop-site.js';
import { inspectSite, type SiteFacts } from '../../lib/site/site-issues.js';
import { inspectStructuredData } from '../../lib/site/structured-data.js';

export interface GapFinderInput extends SiteInput {
  readonly profile: Profile;
}

export interface Gaps {
  readonly facts: SiteFacts;
  /** The pages whose title or description is to be written anew. */
  readonly heads: readonly string[];
  readonly missingServices: readonly string[];
}

/** Finds what the site lacks for being found. */
export default function gapFinder(ctx: HandlerContext<GapFinderInput>): AgentReport<Gaps> {
  const site = requireSite(ctx.input);
  const { business } = ctx.input.profile;
  ctx.progress(20, 'Looking for gaps');
  const { facts, issues: onSite } = inspectSite(site, business);
  ctx.progress(60, 'Reading structured data');
  const issues: Issue[] = [...onSite, ...inspectStructuredData(site, business).issues];
  const urgent = issues.filter(({ severity }) => severity === 'high').length;
  const heads = onSite.filter(({ rule }) => /^(?:title|description|city)-/.test(rule)).map(({ page }) => page);
  return conclude(ctx, {
    score: scoreIssues(issues),
    findings: `${count(issues.length, 'gap')} found on ${count(site.pages.length, 'page')}, ${urgent} of them urgent.`,
    issues,
    details: {
      facts,
      heads: [...new Set(heads.filter((page) => page !== null))],
      missingServices: facts.services.filter(({ hasPage }) => !hasPage).map(({ service }) => service),
    },
  });
}
