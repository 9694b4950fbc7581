import type { HandlerContext } from 'errand';
import { count, list } from '../../../site_checkup/lib/report.js';
import { describeFailed, describeNext, type EndedAgent, mergeReports } from '../../lib/reports/merge-reports.js';
import type { Profile } from '../../lib/profile.js';
import type { Drafts, VerifiedFixes } from './fix-verifier.js';
import type { Gaps } from './gap-finder.js';

export interface FixReportInput {
  readonly profile: Profile;
  readonly gaps: EndedAgent<Gaps>;
  readonly drafts: Drafts;
  readonly verifier: EndedAgent<VerifiedFixes>;
}

/** Puts the gaps and the drafts that fill them together. */
export default function fixReport({ input }: Pick<HandlerContext<FixReportInput>, 'input'>): object {
  const { profile, gaps, drafts, verifier } = input;
  const all: EndedAgent[] = [gaps, ...Object.values(drafts), verifier];
  const merged = mergeReports(all);
  const pages = drafts.titles.report?.details.pages ?? [];
  const schema = drafts.schema.report?.details ?? null;
  const faq = drafts.faq.report?.details ?? null;
  const briefs = drafts.content.report?.details.briefs ?? [];
  const parts = [
    ...(pages.length > 0 ? [`titles and descriptions for ${count(pages.length, 'page')}`] : []),
    ...(schema === null ? [] : ['structured data for your home page']),
    ...(faq === null ? [] : [`${count(faq.faqs.length, 'question')} with answers`]),
    ...(briefs.length > 0 ? [`plans for ${count(briefs.length, 'page')}`] : []),
  ];
  const drafted = parts.length === 0 ? 'Nothing could be drafted.' : `Drafted for you: ${list(parts)}.`;
  const verified = verifier.report === null ? '' : ` ${verifier.report.findings}`;
  const { name } = profile.business;
  return {
    summary: `${gaps.report?.findings ?? `The site of ${name} could not be examined.`} ${drafted}${verified} ${describeNext(merged.issues, 2)}${describeFailed(all)}`,
    result: {
      business: name,
      ...merged,
      fixes: {
        pages,
        local_business: schema === null ? null : { json_ld: schema.json_ld, script: schema.script },
        faq: faq === null ? null : { faqs: faq.faqs, script: faq.script },
        briefs,
        ready: verifier.report?.details.ready ?? [],
        needs_a_look: verifier.report?.details.needs_a_look ?? [],
      },
    },
  };
}
