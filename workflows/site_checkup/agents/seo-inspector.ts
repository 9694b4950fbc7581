import type { HandlerContext } from 'errand';
import { count, list, makeReport, type Report } from '../lib/report.js';
import { checkPage, checkSite, type SeoFacts } from '../lib/rules/seo-rules.js';
import { countOpenPages, openPages, type Site } from '../lib/site.js';

export interface InspectorInput {
  readonly site: Site;
}

/** Looks at what search engines read: titles, descriptions, headings, canonical addresses, what is found and what is hidden. */
export default async function seoInspector(ctx: HandlerContext<InspectorInput>): Promise<Report> {
  const { site } = ctx.input;
  const total = countOpenPages(site);
  const facts: SeoFacts[] = [];
  for await (const page of openPages(site, ctx.signal)) {
    facts.push(checkPage(page));
    ctx.progress(Math.floor((100 * facts.length) / total), `Read ${new URL(page.page.url).pathname}`);
  }

  const faults = [...facts.flatMap((page) => page.faults), ...checkSite(site, facts)];
  const titles = faults.filter(({ rule }) => rule.startsWith('title-')).length;
  const descriptions = faults.filter(({ rule }) => rule.startsWith('description-')).length;
  const others = faults.length - titles - descriptions;
  const parts = [
    ...(titles > 0 ? [`${titles} with titles`] : []),
    ...(descriptions > 0 ? [`${descriptions} with descriptions`] : []),
    ...(others > 0 ? [`${others} with structure and indexing`] : []),
  ];
  ctx.progress(100);
  ctx.findings(
    faults.length === 0
      ? `${count(total, 'page')} examined: nothing stands in a search engine's way.`
      : `${count(total, 'page')} examined, ${count(faults.length, 'problem')} found: ${list(parts)}.`,
  );
  return makeReport({ agent: ctx.node.role ?? ctx.node.id, checked: total, faults });
}
