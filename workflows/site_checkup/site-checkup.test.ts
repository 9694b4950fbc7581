import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HandlerContext } from '../../src/core/handlers/node-kind.js';
import { DISALLOWED_PAGE, GOOD_PAGES, PLANTED_FAULTS } from '../../src/demo/sample-site/planted-faults.js';
import { type SampleSite, startSampleSite } from '../../src/demo/sample-site/site.js';
import { createNodeContext, type NodeReports } from '../../src/testing/node-context.js';
import accessibilityInspector from './agents/accessibility-inspector.js';
import crawl from './agents/crawl.js';
import linkChecker from './agents/link-checker.js';
import performanceInspector from './agents/performance-inspector.js';
import securityInspector from './agents/security-inspector.js';
import seoInspector from './agents/seo-inspector.js';
import type { Fault, Report } from './lib/report.js';
import type { Site } from './lib/site.js';

interface AgentInput {
  readonly site: Site;
  readonly check_external: boolean;
}

const AGENTS: { readonly [role: string]: (ctx: HandlerContext<AgentInput>) => Promise<Report> } = {
  'link-checker': linkChecker,
  'seo-inspector': seoInspector,
  'accessibility-inspector': accessibilityInspector,
  'performance-inspector': performanceInspector,
  'security-inspector': securityInspector,
};
const ROLES = Object.keys(AGENTS);

function runAgent(ctx: HandlerContext<AgentInput>): Promise<Report> {
  const agent = AGENTS[ctx.node.role ?? ''];
  if (agent === undefined) throw new Error(`no agent ${ctx.node.role}`);
  return agent(ctx);
}

describe('a checkup of the sample site', () => {
  let sample: SampleSite;
  let site: Site;
  let faults: (Fault & { agent: string })[];
  const reports = new Map<string, Report>();
  const reported = new Map<string, NodeReports>();
  const pathOf = (url: string): string => new URL(url).pathname;

  beforeAll(async () => {
    sample = await startSampleSite();
    const crawling = createNodeContext({ input: { url: sample.url, max_pages: 25 } });
    reported.set('crawl', crawling.reports);
    site = await crawl(crawling.context);
    await Promise.all(
      ROLES.map(async (role) => {
        const agent = createNodeContext({ input: { site, check_external: false }, role });
        reported.set(role, agent.reports);
        reports.set(role, await runAgent(agent.context));
      }),
    );
    faults = [...reports.values()].flatMap((report) => report.faults);
  });

  afterAll(() => sample.close());

  it.each(PLANTED_FAULTS.map((fault) => [fault.id, fault] as const))('names the planted fault %s', (_, planted) => {
    const named = faults.filter(
      (fault) =>
        fault.agent === planted.agent &&
        fault.rule === planted.rule &&
        [fault.page, ...(fault.also_on ?? [])].map(pathOf).includes(planted.page) &&
        (planted.selector === undefined || fault.selector === planted.selector),
    );
    expect(named).toHaveLength(1);
  });

  it('names nothing that was not planted', () => {
    const planted = new Set(PLANTED_FAULTS.map(({ agent, rule, page }) => `${agent} ${rule} ${page}`));
    const named = faults.flatMap(({ agent, rule, page, also_on: others = [] }) =>
      [page, ...others].map((url) => `${agent} ${rule} ${pathOf(url)}`),
    );
    expect(named.filter((each) => !planted.has(each))).toEqual([]);
  });

  it('finds nothing wrong with the good pages', () => {
    const pages = new Set(faults.flatMap((fault) => [fault.page, ...(fault.also_on ?? [])]).map(pathOf));
    expect(GOOD_PAGES.filter((page) => pages.has(page))).toEqual([]);
    expect(site.pages.map((page) => pathOf(page.url))).toEqual(expect.arrayContaining([...GOOD_PAGES]));
  });

  it('reads every page but the disallowed one, which nobody asks for', () => {
    expect(site.pages.filter((page) => page.status === 200)).toHaveLength(14);
    expect(site.pages.filter((page) => page.status >= 400)).toHaveLength(3);
    expect(site.complete).toBe(true);
    expect(sample.requests).not.toContain(DISALLOWED_PAGE);
  });

  it('asks for each page that answers well and fast once', () => {
    const asked = sample.requests.filter((path) => path === '/opening-hours');
    expect(asked).toHaveLength(1);
  });

  it.each(['crawl', ...ROLES])('%s reports progress that never falls and ends at 100', (id) => {
    const { progress = [] } = reported.get(id) ?? {};
    const percents = progress.map(({ percent }) => percent);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
    expect(progress.filter(({ message }) => message !== null).length).toBeGreaterThan(5);
  });

  it.each(ROLES)('%s says what it found in one sentence and scores between 0 and 100', (role) => {
    expect(reported.get(role)?.findings).toHaveLength(1);
    expect(reported.get(role)?.findings[0]).toMatch(/^[^\n]{20,400}\.$/);
    const { score = -1 } = reports.get(role) ?? {};
    expect(score).toBeGreaterThan(0);
    expect(score).toBeLessThan(100);
  });

  it('keeps the crawl small and JSON', () => {
    const text = JSON.stringify(site);
    expect(text.length).toBeLessThan(100_000);
    expect(JSON.parse(text)).toEqual(site);
    expect(text).not.toContain('basket=empty');
  });

  it.each(ROLES)('%s stops at once when it is given up', async (role) => {
    const controller = new AbortController();
    const { context } = createNodeContext({
      input: { site, check_external: false },
      role,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('given up')),
    });
    await expect(runAgent(context)).rejects.toThrow(/given up|aborted/);
  });
});
