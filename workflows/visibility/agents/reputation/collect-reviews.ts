import type { HandlerContext } from 'errand';
import { count } from '../../../site_checkup/lib/report.js';
import { fail } from '../../../site_checkup/lib/fail.js';
import { type AgentReport, conclude, type Issue } from '../../lib/reports/issue.js';
import type { Profile } from '../../lib/profile.js';
import {
  averageRating,
  type FoundReview,
  numberReviews,
  readReviewText,
  type Review,
  readSchemaReviews,
} from '../../lib/customers/reviews.js';
import { readShopSite } from '../../lib/site/shop-site.js';

export interface CollectReviewsInput {
  readonly profile: Profile;
}

export interface CollectedReviews {
  readonly reviews: readonly Review[];
  readonly average: number | null;
  readonly ratings: { readonly [stars: string]: number };
}

/** Gathers the reviews that were given and those on the pages that were named. */
export default async function collectReviews(
  ctx: HandlerContext<CollectReviewsInput>,
): Promise<AgentReport<CollectedReviews>> {
  const given = ctx.input.profile.business.reviews;
  const found: FoundReview[] = [];
  const issues: Issue[] = [];
  for (const [index, each] of given.entries()) {
    if (!/^https?:\/\/\S+$/i.test(each)) found.push(readReviewText(each));
    else {
      const { reviews, issue } = await readReviewPage(each, ctx);
      found.push(...reviews);
      if (issue !== null) issues.push(issue);
    }
    ctx.progress(Math.floor((95 * (index + 1)) / given.length), `Gathered ${count(found.length, 'review')}`);
  }
  const reviews = numberReviews(found);
  if (given.length > 0 && reviews.length === 0) {
    fail(`No review could be read: ${issues.map(({ message }) => message).join(' ')}`, {
      kind: 'no_reviews',
      retryable: false,
    });
  }
  const average = averageRating(reviews);
  const rated = reviews.filter(({ rating }) => rating !== null);
  const stars = average === null ? 'none of them with stars' : `${average} of 5 stars on average`;
  return conclude(ctx, {
    score: null,
    findings:
      reviews.length === 0 ? 'There are no reviews to read.' : `${count(reviews.length, 'review')} gathered, ${stars}.`,
    issues,
    details: {
      reviews,
      average,
      ratings: Object.fromEntries(
        [1, 2, 3, 4, 5].map((value) => [
          String(value),
          rated.filter(({ rating }) => Math.round(rating ?? 0) === value).length,
        ]),
      ),
    },
  });
}

async function readReviewPage(
  url: string,
  { fetch, signal }: Pick<HandlerContext, 'fetch' | 'signal'>,
): Promise<{ readonly reviews: readonly FoundReview[]; readonly issue: Issue | null }> {
  const unread = (message: string): { reviews: FoundReview[]; issue: Issue } => ({
    reviews: [],
    issue: {
      rule: 'reviews-unreadable',
      severity: 'low',
      message,
      action: 'Give the texts of these reviews instead of their address.',
      page: url,
    },
  });
  try {
    const { pages } = await readShopSite({ url, maxPages: 1, fetch, signal, onPage: () => undefined });
    const reviews = pages.flatMap((page) => readSchemaReviews(page.jsonLd, page.url));
    return reviews.length === 0 ? unread(`${url} has no reviews that a program can read.`) : { reviews, issue: null };
  } catch (error) {
    signal.throwIfAborted();
    return unread(`${url} could not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
