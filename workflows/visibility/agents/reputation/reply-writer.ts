import type { HandlerContext, JsonSchema } from 'errand';
import { fail } from '../../../site_checkup/lib/fail.js';
import { count } from '../../../site_checkup/lib/report.js';
import { checkLength, writeDraft } from '../../lib/customers/draft.js';
import { findInvented } from '../../lib/customers/invented.js';
import { type AgentReport, conclude, type Issue } from '../../lib/reports/issue.js';
import type { Business, Profile } from '../../lib/profile.js';
import type { Review } from '../../lib/customers/reviews.js';
import { type JudgedReview, sentimentByStars } from '../../lib/customers/sentiment.js';
import { strictObject } from '../../lib/customers/strict-object.js';

export interface ReplyWriterInput {
  readonly profile: Profile;
  readonly reviews: readonly Review[] | null;
  /** Null when nobody judged them: then the stars tell which come first. */
  readonly judged: readonly JudgedReview[] | null;
}

export interface Reply {
  readonly id: number;
  readonly reply: string;
}

export interface WrittenReplies {
  readonly replies: readonly (Reply & { readonly review: string; readonly rating: number | null })[];
  readonly needs_a_look: readonly string[];
}

const MAX_REPLIES = 12;
const AT_A_TIME = 4;
const REPLY = { min: 20, max: 700 };
const URGENCY = { negative: 0, mixed: 1, positive: 2 };

const REPLIES: JsonSchema = {
  title: 'review_replies',
  ...strictObject({
    replies: {
      type: 'array',
      items: strictObject({ id: { type: 'integer' }, reply: { type: 'string' } }),
    },
  }),
};

const TASK =
  `Draft the owner's public answer to each review, ${REPLY.min} to ${REPLY.max} characters, in the language of the review. Thank, take up what the customer says in its own words, and where something went ` +
  'wrong say sorry once and offer to put it right in person. Never argue, never blame the customer, never tell details of their order, and promise nothing that the profile does not say. One answer for each id.';

/** Drafts answers to reviews, the angriest first. */
export default async function replyWriter(ctx: HandlerContext<ReplyWriterInput>): Promise<AgentReport<WrittenReplies>> {
  const { profile, reviews, judged } = ctx.input;
  const { business } = profile;
  if (reviews === null) fail('There are no reviews to answer', { kind: 'no_reviews', retryable: false });
  const chosen = chooseReviews(reviews, judged ?? []);
  const replies: Reply[] = [];
  const problems: string[] = [];
  for (let start = 0; start < chosen.length; start += AT_A_TIME) {
    const batch = chosen.slice(start, start + AT_A_TIME);
    const ids = batch.map(({ id }) => id);
    const material = { reviews: batch.map(({ id, text, rating, author }) => ({ id, text, stars: rating, author })) };
    const written = await writeDraft<{ replies: Reply[] }>(
      ctx,
      { key: `replies from ${start + 1}`, business, task: TASK, material, schema: REPLIES },
      (draft) => check(draft.replies, ids, business),
    );
    replies.push(...written.draft.replies.filter(({ id }) => ids.includes(id)));
    problems.push(...written.problems);
    ctx.progress(
      Math.floor((95 * (start + batch.length)) / chosen.length),
      `Drafted ${count(replies.length, 'answer')}`,
    );
  }
  const angry = (judged ?? []).filter(({ sentiment }) => sentiment === 'negative').length;
  return conclude(ctx, {
    score: null,
    findings: `${count(replies.length, 'answer')} drafted${angry === 0 ? '' : `, those to ${count(angry, 'unhappy customer')} first`}.`,
    issues: problems.map(toIssue),
    details: {
      replies: replies.map(({ id, reply }) => {
        const review = reviews.find((each) => each.id === id);
        return { id, reply, review: review?.text ?? '', rating: review?.rating ?? null };
      }),
      needs_a_look: problems,
    },
  });
}

export function chooseReviews(reviews: readonly Review[], judged: readonly JudgedReview[]): Review[] {
  const urgency = ({ id, rating }: Review): number => {
    const sentiment = judged.find((each) => each.id === id)?.sentiment;
    return URGENCY[sentiment ?? sentimentByStars(rating) ?? 'mixed'];
  };
  return reviews.toSorted((a, b) => urgency(a) - urgency(b) || a.id - b.id).slice(0, MAX_REPLIES);
}

function check(replies: readonly Reply[], ids: readonly number[], business: Business): string[] {
  const problems = ids
    .filter((id) => replies.every((each) => each.id !== id))
    .map((id) => `There is no answer to review ${id}.`);
  for (const { id, reply } of replies) {
    problems.push(...checkLength(`The answer to review ${id}`, reply, REPLY));
    problems.push(...findInvented(reply, business).map((problem) => `The answer to review ${id}: ${problem}`));
  }
  return problems;
}

function toIssue(message: string): Issue {
  return {
    rule: 'draft-needs-a-look',
    severity: 'low',
    message,
    action: 'Correct it before you publish the answer.',
    page: null,
  };
}
