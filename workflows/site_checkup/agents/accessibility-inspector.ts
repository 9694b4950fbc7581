import type { HandlerContext } from 'errand';
import { AxeQueue, type Violation } from '../lib/rules/axe-queue.js';
import { errorText, fail } from '../lib/fail.js';
import { count, type Fault, list, makeReport, type Report, type Severity } from '../lib/report.js';
import { countOpenPages, openPages, type Site } from '../lib/site.js';

export interface InspectorInput {
  readonly site: Site;
}

const MAX_HTML_CHARS = 100 * 1024;
const SEVERITY: { readonly [impact in Violation['impact']]: Severity } = {
  critical: 'high',
  serious: 'high',
  moderate: 'medium',
  minor: 'low',
};

const axe = new AxeQueue(new URL('./axe-worker.mjs', import.meta.url));

/** Examines every page with axe-core, in a thread of its own. */
export default async function accessibilityInspector(ctx: HandlerContext<InspectorInput>): Promise<Report> {
  const { site } = ctx.input;
  const total = countOpenPages(site);
  const faults: Fault[] = [];
  const failures: string[] = [];
  let examined = 0;
  for await (const { page, html } of openPages(site, ctx.signal)) {
    const { pathname } = new URL(page.url);
    try {
      const violations = await axe.examine({ html: html.slice(0, MAX_HTML_CHARS), url: page.url, signal: ctx.signal });
      faults.push(...violations.flatMap((violation) => toFaults(page.url, violation)));
    } catch (error) {
      ctx.signal.throwIfAborted();
      failures.push(`${pathname}: ${errorText(error)}`);
      ctx.log.warn({ page: page.url, error: errorText(error) }, 'page not examined');
    }
    examined++;
    ctx.progress(Math.floor((100 * examined) / total), `Examined ${pathname}`);
  }
  if (total > 0 && failures.length === total) {
    fail(`No page could be examined: ${failures[0]}`, { kind: 'axe', retryable: true });
  }

  const report = makeReport({ agent: ctx.node.role ?? ctx.node.id, checked: total - failures.length, faults });
  const rules = [...new Set(report.faults.map(({ rule }) => rule))];
  const left = failures.length === 0 ? '' : `; ${count(failures.length, 'page')} could not be examined`;
  ctx.progress(100);
  ctx.findings(
    faults.length === 0
      ? `${count(total, 'page')} examined: no barrier found that a program can see${left}.`
      : `${count(faults.length, 'barrier')} on ${count(total, 'page')}: ${list(rules.slice(0, 4).map((rule) => describe(rule, faults)))}${left}.`,
  );
  return report;
}

function toFaults(page: string, { rule, impact, help, selectors }: Violation): Fault[] {
  return selectors.map((selector) => ({ rule, severity: SEVERITY[impact], page, selector, message: `${help}.` }));
}

function describe(rule: string, faults: readonly Fault[]): string {
  return `${rule} (${faults.filter((fault) => fault.rule === rule).length})`;
}
