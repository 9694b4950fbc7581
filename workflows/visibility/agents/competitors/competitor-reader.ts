import type { HandlerContext } from 'errand';
import { fail, errorText } from '../../../site_checkup/lib/fail.js';
import { count, list } from '../../../site_checkup/lib/report.js';
import { type AgentReport, conclude, type Issue } from '../../lib/reports/issue.js';
import type { Business, Profile } from '../../lib/profile.js';
import { readShopSite } from '../../lib/site/shop-site.js';
import { type Presence, toPresence } from '../../lib/site/presence.js';

export interface CompetitorReaderInput {
  readonly profile: Profile;
}

export interface Presences {
  /** Null when the own site cannot be read. */
  readonly own: Presence | null;
  readonly competitors: readonly Presence[];
}

const MAX_PAGES = 6;

/** Reads the own site and those of the competitors, and notes what each has to show. */
export default async function competitorReader(
  ctx: HandlerContext<CompetitorReaderInput>,
): Promise<AgentReport<Presences>> {
  const { business } = ctx.input.profile;
  const { competitors } = business;
  const targets = [{ name: business.name, site: business.site }, ...competitors];
  const read: Presence[] = [];
  const issues: Issue[] = [];
  for (const [index, { name, site }] of targets.entries()) {
    if (site === undefined) {
      issues.push(unread(`${name} was given without a web site, so it was not read.`, null));
      continue;
    }
    ctx.progress(Math.floor((95 * index) / targets.length), `Reading ${name}`);
    try {
      // What fails is not remembered: another attempt reads that site again.
      read.push(await ctx.step(`read ${index}`, () => readOne({ ctx, name, site, business })));
    } catch (error) {
      ctx.signal.throwIfAborted();
      issues.push(unread(`The site of ${name} could not be read: ${errorText(error)}`, site));
    }
  }
  const own = read.find(({ name }) => name === business.name) ?? null;
  const others = read.filter((presence) => presence !== own);
  if (others.length === 0) {
    fail(`No competitor's site could be read. ${issues.map(({ message }) => message).join(' ')}`, {
      kind: 'site_unreadable',
      retryable: false,
    });
  }
  return conclude(ctx, {
    score: null,
    findings: `${count(others.length, 'competitor')} read: ${list(others.map(({ name, pages }) => `${name} (${count(pages, 'page')})`))}.`,
    issues,
    details: { own, competitors: others },
  });
}

async function readOne(params: {
  readonly ctx: Pick<HandlerContext, 'fetch' | 'signal'>;
  readonly name: string;
  readonly site: string;
  readonly business: Business;
}): Promise<Presence> {
  const { ctx, name, site, business } = params;
  const { fetch, signal } = ctx;
  const read = await readShopSite({ url: site, maxPages: MAX_PAGES, fetch, signal, onPage: () => undefined });
  return toPresence({ name, site: read, business });
}

function unread(message: string, page: string | null): Issue {
  return { rule: 'competitor-unread', severity: 'low', message, action: 'Check the address, or leave it out.', page };
}
