import type { HandlerContext } from 'errand';
import { fail } from '../../../site_checkup/lib/fail.js';
import { count, list } from '../../../site_checkup/lib/report.js';
import { type AgentReport, conclude, type Issue } from '../../lib/reports/issue.js';
import type { Profile } from '../../lib/profile.js';
import type { Review } from '../../lib/customers/reviews.js';
import {
  countSentiments,
  countThemes,
  type JudgedReview,
  judgeReviews,
  scoreSentiments,
  type ThemeCount,
} from '../../lib/customers/sentiment.js';

export interface ReputationReaderInput {
  readonly profile: Profile;
  /** Null when they could not be gathered. */
  readonly reviews: readonly Review[] | null;
  readonly average: number | null;
  /** Why they could not. */
  readonly reviews_error?: { readonly message: string } | null;
}

export interface Reputation {
  readonly reviews: number;
  readonly average: number | null;
  readonly sentiments: { readonly positive: number; readonly mixed: number; readonly negative: number };
  readonly themes: readonly ThemeCount[];
  readonly judged: readonly JudgedReview[];
}

const FEW_REVIEWS = 10;
const MAX_THEMES = 12;

/** Has the reviews judged one by one, and counts what came out. */
export default async function reputationReader(
  ctx: HandlerContext<ReputationReaderInput>,
): Promise<AgentReport<Reputation>> {
  const { profile, average, reviews_error: error } = ctx.input;
  if (ctx.input.reviews === null && profile.business.reviews.length > 0) {
    fail(error?.message ?? 'The reviews could not be gathered', { kind: 'no_reviews', retryable: false });
  }
  const reviews = ctx.input.reviews ?? [];
  const judged = await judgeReviews({ ctx, business: profile.business, reviews });
  const themes = countThemes(judged);
  const sentiments = countSentiments(judged);
  const complaints = themes.filter(({ negative }) => negative > 0).toSorted((a, b) => b.negative - a.negative);
  return conclude(ctx, {
    score: scoreSentiments(judged),
    findings: describe(sentiments, reviews.length, themes, complaints),
    issues: findIssues(reviews.length, complaints),
    details: { reviews: reviews.length, average, sentiments, themes: themes.slice(0, MAX_THEMES), judged },
  });
}

function describe(
  { positive, negative }: Reputation['sentiments'],
  reviews: number,
  themes: readonly ThemeCount[],
  complaints: readonly ThemeCount[],
): string {
  if (reviews === 0) return 'No reviews were given, so your reputation could not be judged.';
  const praised = themes.filter((each) => each.positive > each.negative).slice(0, 2);
  const praise = praised.length === 0 ? '' : ` They praise ${list(praised.map(({ theme }) => theme))}.`;
  const [worst] = complaints;
  const complaint = worst === undefined ? '' : ` The most frequent complaint is ${worst.theme}.`;
  return `${positive} of ${count(reviews, 'review')} ${positive === 1 ? 'is' : 'are'} positive, ${negative} negative.${praise}${complaint}`;
}

function findIssues(reviews: number, complaints: readonly ThemeCount[]): Issue[] {
  const few: Issue[] =
    reviews >= FEW_REVIEWS
      ? []
      : [
          {
            rule: 'reviews-few',
            severity: 'medium',
            message: reviews === 0 ? 'No reviews were given.' : `There are only ${count(reviews, 'review')}.`,
            action: 'Ask every content customer for a review, with a link that leads straight to the form.',
            page: null,
          },
        ];
  return [
    ...few,
    ...complaints.slice(0, 3).map(({ theme, negative }): Issue => ({
      rule: 'reviews-complaint',
      severity: negative > 1 ? 'high' : 'medium',
      message: `${count(negative, 'customer')} ${negative === 1 ? 'complains' : 'complain'} about ${theme}.`,
      action: 'Change it, and say so in your answers to these reviews.',
      page: null,
    })),
  ];
}
