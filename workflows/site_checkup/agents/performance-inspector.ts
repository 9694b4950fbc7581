import type { HandlerContext } from 'errand';
import { takeWanted } from '../lib/crawl/pace.js';
import { readWeights, type Weight } from '../lib/rules/page-weight.js';
import { checkPage, checkResources, checkSite } from '../lib/rules/performance-rules.js';
import { readReferences, type Reference } from '../lib/references.js';
import { count, type Fault, list, makeReport, type Report } from '../lib/report.js';
import { countOpenPages, openPages, type Page, type Site } from '../lib/site.js';
import { readRules } from '../lib/crawl/robots.js';
import { ROBOT_NAME, SiteClient } from '../lib/crawl/site-client.js';

export interface InspectorInput {
  readonly site: Site;
}

const SLOW_MS = 1_000;
/** Of what one page loads. */
const MAX_WEIGHED = 300;

/** Weighs every page with what it loads from the site, and measures again what was slow. */
export default async function performanceInspector(ctx: HandlerContext<InspectorInput>): Promise<Report> {
  const { site } = ctx.input;
  const rules = readRules({ ...site, robot: ROBOT_NAME });
  const client = new SiteClient({ fetch: ctx.fetch, signal: ctx.signal, crawlDelayMs: rules.crawlDelayMs });
  const total = countOpenPages(site);
  const weights = new Map<string, Weight>();
  const resources = new Map<string, Reference[]>();
  const faults: Fault[] = [];
  for await (const { page, $ } of openPages(site, ctx.signal)) {
    const references = readReferences($, page.url).filter(({ kind }) => kind !== 'link');
    const own = await takeWanted(references, {
      most: MAX_WEIGHED,
      wants: ({ url }) => new URL(url).origin === site.origin && rules.isAllowed(url),
      signal: ctx.signal,
    });
    await readWeights(client, own, weights);
    resources.set(page.url, references);
    const ms = page.ms < SLOW_MS ? page.ms : await measureAgain(client, page);
    faults.push(...checkPage({ page, $, references, weights, ms, slowMs: SLOW_MS }));
    ctx.progress(Math.floor((100 * resources.size) / total), `Weighed ${new URL(page.url).pathname}`);
  }
  faults.push(...checkResources(resources, weights), ...checkSite(site));

  const heavy = faults.filter(({ rule }) => rule === 'heavy-image').length;
  const slow = faults.filter(({ rule }) => rule === 'slow-answer').length;
  const others = faults.length - heavy - slow;
  const parts = [
    ...(heavy > 0 ? [count(heavy, 'heavy image')] : []),
    ...(slow > 0 ? [count(slow, 'slow page')] : []),
    ...(others > 0 ? [`${count(others, 'other thing')} to improve`] : []),
  ];
  const found = parts.length === 0 ? 'nothing slows them down' : list(parts);
  ctx.progress(100);
  ctx.findings(`${count(total, 'page')} and ${count(weights.size, 'resource')} weighed: ${found}.`);
  return makeReport({ agent: ctx.node.role ?? ctx.node.id, checked: total + weights.size, faults });
}

/** One slow answer may be chance: the faster of two counts. */
async function measureAgain(client: SiteClient, page: Page): Promise<number> {
  try {
    return Math.min(page.ms, (await client.get(page.url, 0)).ms);
  } catch {
    client.assertGoing();
    return page.ms;
  }
}
