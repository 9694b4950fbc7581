import type { HandlerContext, JsonSchema } from 'errand';
import { count } from '../../../site_checkup/lib/report.js';
import { buildFaqPage, type Faq, toScript } from '../../lib/schema-org/build-json-ld.js';
import { checkLength, writeDraft } from '../../lib/customers/draft.js';
import { findInvented } from '../../lib/customers/invented.js';
import { type AgentReport, conclude } from '../../lib/reports/issue.js';
import type { Business, Profile } from '../../lib/profile.js';
import { makeQuestions } from '../../lib/customers/questions.js';
import { strictObject } from '../../lib/customers/strict-object.js';

export interface FaqWriterInput {
  readonly profile: Profile;
}

export interface WrittenFaq {
  readonly faqs: readonly Faq[];
  readonly script: string;
  readonly needs_a_look: readonly string[];
}

const MIN_QUESTIONS = 4;
const MAX_QUESTIONS = 8;
const ANSWER = { min: 30, max: 600 };

const FAQS: JsonSchema = {
  title: 'faqs',
  ...strictObject({
    faqs: {
      type: 'array',
      items: strictObject({ question: { type: 'string' }, answer: { type: 'string' } }),
    },
  }),
};

const TASK =
  `Write ${MIN_QUESTIONS} to ${MAX_QUESTIONS} questions that customers ask before they come, with answers of ${ANSWER.min} to ${ANSWER.max} characters that can be quoted word for word. Answer from the ` +
  'profile alone; where it does not say, leave the question out. The questions below are how customers ask assistants.';

/** Drafts questions and answers, with their structured data. */
export default async function faqWriter(ctx: HandlerContext<FaqWriterInput>): Promise<AgentReport<WrittenFaq>> {
  const { business } = ctx.input.profile;
  ctx.progress(10, 'Writing questions and answers');
  const asked = makeQuestions(business).map(({ text }) => text);
  const { draft, problems } = await writeDraft<{ faqs: Faq[] }>(
    ctx,
    { key: 'faqs', business, task: TASK, material: { customers_ask: asked }, schema: FAQS },
    ({ faqs }) => check(faqs, business),
  );
  return conclude(ctx, {
    score: null,
    findings: `${count(draft.faqs.length, 'question')} with answers are drafted for your site${problems.length === 0 ? '' : '; some need a look'}.`,
    issues: [],
    details: { faqs: draft.faqs, script: toScript(buildFaqPage(draft.faqs)), needs_a_look: problems },
  });
}

function check(faqs: readonly Faq[], business: Business): string[] {
  const problems: string[] = [];
  if (faqs.length < MIN_QUESTIONS || faqs.length > MAX_QUESTIONS) {
    problems.push(`There are ${faqs.length} questions, not ${MIN_QUESTIONS} to ${MAX_QUESTIONS}.`);
  }
  for (const { question, answer } of faqs) {
    if (!question.trim().endsWith('?')) problems.push(`“${question}” is no question.`);
    problems.push(...checkLength(`The answer to “${question}”`, answer, ANSWER));
    problems.push(...findInvented(answer, business).map((problem) => `“${question}”: ${problem}`));
  }
  return problems;
}
