import type { HandlerContext } from 'errand';
import { count, list } from '../../../site_checkup/lib/report.js';
import { type AgentReport, conclude, type Issue, scoreIssues } from '../../lib/reports/issue.js';
import type { Profile } from '../../lib/profile.js';
import type { ShopPage, SiteInput } from '../../lib/site/shop-site.js';
import { inspectSite } from '../../lib/site/site-issues.js';
import { normalize, shorten } from '../../lib/text/text.js';

export interface MenuReaderInput extends SiteInput {
  readonly profile: Profile;
}

export interface MenuEntry {
  readonly service: string;
  readonly hasPage: boolean;
  readonly page: string | null;
  /** What the site says of it now; null when it says nothing. */
  readonly text: string | null;
}

export interface Menu {
  readonly entries: readonly MenuEntry[];
}

const EXCERPT_CHARS = 900;

/** Finds what the site says of each service today. A site that cannot be read is one that says nothing. */
export default function menuReader(ctx: HandlerContext<MenuReaderInput>): AgentReport<Menu> {
  const { site, site_error: error, profile } = ctx.input;
  const { business } = profile;
  ctx.progress(20, 'Looking for your services');
  if (site === null) {
    const message = `Your site could not be read: ${error?.message ?? 'nobody knows why'}`;
    const issue: Issue = {
      rule: 'site-unreadable',
      severity: 'high',
      message,
      action: 'Check its address and whether robots are let in.',
      page: business.site,
    };
    const entries = business.services.map((service) => ({ service, hasPage: false, page: null, text: null }));
    return conclude(ctx, { score: 0, findings: `${shorten(message, 300)}.`, issues: [issue], details: { entries } });
  }
  const inspected = inspectSite(site, business);
  const issues = inspected.issues.filter(({ rule }) => rule.startsWith('service-'));
  const entries = inspected.facts.services.map(({ service, pages, hasPage }) => {
    const page = site.pages.find(({ url }) => url === pages[0]);
    return { service, hasPage, page: page?.url ?? null, text: page === undefined ? null : excerpt(page, service) };
  });
  const missing = entries.filter(({ page }) => page === null).map(({ service }) => service);
  const without = entries.filter(({ hasPage }) => !hasPage).length;
  return conclude(ctx, {
    score: scoreIssues(issues),
    findings: `${entries.length - without} of ${count(entries.length, 'service')} ${without === entries.length - 1 ? 'has' : 'have'} a page or heading.${missing.length === 0 ? '' : ` Nothing is said of ${list(missing.slice(0, 3))}.`}`,
    issues,
    details: { entries },
  });
}

/** From a little before the first place where the service's first word stands. */
function excerpt({ text }: ShopPage, service: string): string {
  const [word = ''] = normalize(service).split(' ');
  const at = Math.max(0, text.toLowerCase().indexOf(word) - 200);
  return shorten(text.slice(at), EXCERPT_CHARS);
}
