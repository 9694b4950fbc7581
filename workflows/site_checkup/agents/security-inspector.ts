import type { HandlerContext } from 'errand';
import { count, type Fault, list, makeReport, type Report } from '../lib/report.js';
import { checkHeaders, checkPage } from '../lib/rules/security-rules.js';
import { countOpenPages, openPages, type Site } from '../lib/site.js';

export interface InspectorInput {
  readonly site: Site;
}

/** Reads the answers' headers, cookies and forms. */
export default async function securityInspector(ctx: HandlerContext<InspectorInput>): Promise<Report> {
  const { site } = ctx.input;
  const total = countOpenPages(site);
  const faults: Fault[] = checkHeaders(site);
  let examined = 0;
  for await (const page of openPages(site, ctx.signal)) {
    faults.push(...checkPage(page));
    examined++;
    ctx.progress(Math.floor((100 * examined) / total), `Examined ${new URL(page.page.url).pathname}`);
  }

  const rules = [...new Set(faults.map(({ rule }) => rule))];
  ctx.progress(100);
  ctx.findings(
    faults.length === 0
      ? `${count(total, 'page')} examined: headers, cookies and forms are in order.`
      : `${count(faults.length, 'weak point')} on ${count(total, 'page')}: ${list(rules.slice(0, 5))}.`,
  );
  return makeReport({ agent: ctx.node.role ?? ctx.node.id, checked: total, faults });
}
