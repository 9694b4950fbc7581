import type { HandlerContext } from 'errand';
import { networkReason } from '../lib/fail.js';
import { takeWanted } from '../lib/crawl/pace.js';
import { mapLimit } from '../lib/crawl/pool.js';
import { type Reference, readReferences } from '../lib/references.js';
import { count, type Fault, list, makeReport, type Report } from '../lib/report.js';
import { openPages, type Site } from '../lib/site.js';
import { readRules } from '../lib/crawl/robots.js';
import { ROBOT_NAME, SiteClient } from '../lib/crawl/site-client.js';

export interface LinkCheckerInput {
  readonly site: Site;
  readonly check_external: boolean;
}

const REQUESTS_AT_A_TIME = 4;
const MAX_TARGETS = 500;

/** One address and everywhere it is referred to from. */
interface Target {
  readonly url: string;
  readonly kind: Reference['kind'];
  readonly from: { readonly page: string; readonly selector: string }[];
}

type Outcome = { readonly status: number } | { readonly reason: string };

/** Asks for every address that the pages link to or load, each once. */
export default async function linkChecker(ctx: HandlerContext<LinkCheckerInput>): Promise<Report> {
  const { site, check_external: checkExternal } = ctx.input;
  const rules = readRules({ ...site, robot: ROBOT_NAME });
  const all = await collectTargets(site, ctx.signal);
  const external = all.filter(({ url }) => !isOwn(url, site));
  const targets = await takeWanted(all, {
    most: MAX_TARGETS,
    wants: ({ url }) => (isOwn(url, site) ? rules.isAllowed(url) : checkExternal),
    signal: ctx.signal,
  });
  const known = new Map(site.pages.map((page) => [page.url, page]));
  const client = new SiteClient({ fetch: ctx.fetch, signal: ctx.signal, crawlDelayMs: rules.crawlDelayMs });

  let checked = 0;
  const outcomes = await mapLimit(targets, REQUESTS_AT_A_TIME, async ({ url }): Promise<Outcome> => {
    const page = known.get(url);
    const outcome = page === undefined ? await ask(client, url) : page.error === null ? page : { reason: page.error };
    checked++;
    ctx.progress(
      Math.floor((100 * checked) / targets.length),
      `Checked ${checked} of ${count(targets.length, 'link')}`,
    );
    return outcome;
  });

  const faults = targets.flatMap((target, index) => judge(target, outcomes[index] as Outcome));
  const skipped =
    checkExternal || external.length === 0 ? '' : `; ${count(external.length, 'external link')} not checked`;
  ctx.progress(100);
  ctx.findings(
    faults.length === 0
      ? `All ${count(checked, 'link')} on ${count(site.pages.length, 'page')} work${skipped}.`
      : `${faults.length} of ${count(checked, 'link')} fail: ${list(faults.slice(0, 3).map(describe))}${skipped}.`,
  );
  return makeReport({ agent: ctx.node.role ?? ctx.node.id, checked, faults });
}

async function collectTargets(site: Site, signal: AbortSignal): Promise<Target[]> {
  const targets = new Map<string, Target>();
  for await (const { page, $ } of openPages(site, signal)) {
    for (const { kind, url, selector } of readReferences($, page.url)) {
      const target = targets.get(url) ?? { url, kind, from: [] };
      targets.set(url, target);
      if (target.from.every((each) => each.page !== page.url)) target.from.push({ page: page.url, selector });
    }
  }
  return [...targets.values()];
}

function isOwn(url: string, site: Site): boolean {
  return new URL(url).origin === site.origin;
}

async function ask(client: SiteClient, url: string): Promise<Outcome> {
  try {
    return await client.head(url);
  } catch (error) {
    client.assertGoing();
    return { reason: networkReason(error) };
  }
}

function judge(target: Target, outcome: Outcome): Fault[] {
  const [first, ...others] = target.from;
  if (first === undefined || ('status' in outcome && outcome.status < 400)) return [];
  const answer = 'status' in outcome ? `answers ${outcome.status}` : `does not answer (${outcome.reason})`;
  const failing = 'status' in outcome && outcome.status >= 500;
  // A page that wants a password, or fewer questions, is there.
  if ('status' in outcome && [401, 403, 407, 429].includes(outcome.status)) return [];
  return [
    {
      rule: failing ? 'server-error' : target.kind === 'link' ? 'dead-link' : 'missing-resource',
      severity: 'high',
      ...first,
      message: `The ${target.kind} ${target.url} ${answer}.`,
      ...(others.length === 0 ? {} : { also_on: others.slice(0, 20).map(({ page }) => page) }),
    },
  ];
}

function describe(fault: Fault): string {
  const [, url = '', answer = ''] = /^The \w+ (\S+) (.*)\.$/.exec(fault.message) ?? [];
  return `${new URL(url).pathname} ${answer}`;
}
