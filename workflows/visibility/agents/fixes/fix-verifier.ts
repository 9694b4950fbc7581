import type { HandlerContext } from 'errand';
import { load } from 'cheerio/slim';
import { fail } from '../../../site_checkup/lib/fail.js';
import { count, list } from '../../../site_checkup/lib/report.js';
import { verifyLocalBusiness } from '../../lib/schema-org/build-json-ld.js';
import { type AgentReport, conclude, type Issue } from '../../lib/reports/issue.js';
import { readJsonLd, typesOf } from '../../lib/schema-org/json-ld.js';
import type { EndedAgent } from '../../lib/reports/merge-reports.js';
import type { Profile } from '../../lib/profile.js';
import type { ContentPlan } from './content-planner.js';
import type { WrittenFaq } from './faq-writer.js';
import type { WrittenSchema } from './schema-writer.js';
import type { WrittenHeads } from './title-writer.js';

export interface Drafts {
  readonly titles: EndedAgent<WrittenHeads>;
  readonly schema: EndedAgent<WrittenSchema>;
  readonly faq: EndedAgent<WrittenFaq>;
  readonly content: EndedAgent<ContentPlan>;
}

export interface FixVerifierInput {
  readonly profile: Profile;
  readonly drafts: Drafts;
}

export interface VerifiedFixes {
  /** What may be used as it is. */
  readonly ready: readonly string[];
  readonly needs_a_look: readonly { readonly draft: string; readonly problem: string }[];
}

const NAMES = {
  titles: 'titles and descriptions',
  schema: 'structured data',
  faq: 'questions and answers',
  content: 'page plans',
};

/** Reads every draft once more, as a search engine would. */
export default function fixVerifier(ctx: HandlerContext<FixVerifierInput>): AgentReport<VerifiedFixes> {
  const { profile, drafts } = ctx.input;
  const { titles, schema, faq, content } = drafts;
  const problems: { draft: string; problem: string }[] = [];
  const ready: string[] = [];
  const verify = (name: string, found: readonly string[] | null): void => {
    if (found === null) return;
    if (found.length === 0) ready.push(name);
    problems.push(...found.map((problem) => ({ draft: name, problem })));
  };
  verify(NAMES.titles, titles.report?.details.needs_a_look ?? null);
  ctx.progress(25, 'Verifying structured data');
  const written = schema.report?.details;
  verify(
    NAMES.schema,
    written === undefined
      ? null
      : [
          ...new Set([
            ...written.needs_a_look,
            ...verifyLocalBusiness(written.script, profile.business).map(({ message }) => message),
          ]),
        ],
  );
  ctx.progress(50, 'Verifying questions and answers');
  const faqs = faq.report?.details;
  verify(NAMES.faq, faqs === undefined ? null : [...faqs.needs_a_look, ...verifyFaq(faqs)]);
  ctx.progress(75, 'Verifying plans');
  verify(NAMES.content, content.report?.details.needs_a_look ?? null);
  if (ready.length === 0 && problems.length === 0) {
    fail('There is nothing to verify: no draft was written', { kind: 'no_drafts', retryable: false });
  }
  return conclude(ctx, {
    score: null,
    findings:
      problems.length === 0
        ? `All drafts were verified and may be used: ${list(ready)}.`
        : `${ready.length === 0 ? 'No draft' : list(ready)} may be used as ${ready.length === 1 ? 'it is' : 'they are'}; ${count(problems.length, 'thing')} in the others should be looked at.`,
    issues: problems.map(toIssue),
    details: { ready, needs_a_look: problems },
  });
}

function verifyFaq({ script, faqs }: WrittenFaq): string[] {
  const { items, errors } = readJsonLd(load(script));
  if (errors.length > 0) return errors.map((error) => `The block is no JSON: ${error}.`);
  const questions = items.filter((item) => typesOf(item).includes('Question')).length;
  return questions === faqs.length ? [] : [`The block has ${questions} of ${faqs.length} questions.`];
}

function toIssue({ draft, problem }: { readonly draft: string; readonly problem: string }): Issue {
  return {
    rule: 'draft-needs-a-look',
    severity: 'low',
    message: `In the ${draft}: ${problem}`,
    action: 'Correct it before you use the draft.',
    page: null,
  };
}
