import type { HandlerContext, JsonSchema } from 'errand';
import { askForJson } from './ask-for-json.js';
import type { Business } from '../profile.js';
import type { Review } from './reviews.js';
import { strictObject } from './strict-object.js';

export type Sentiment = 'positive' | 'mixed' | 'negative';

export interface JudgedReview {
  readonly id: number;
  readonly sentiment: Sentiment;
  /** `waiting time`, `price`: at most three. */
  readonly themes: readonly string[];
}

export interface ThemeCount {
  readonly theme: string;
  readonly positive: number;
  readonly mixed: number;
  readonly negative: number;
  readonly reviews: readonly number[];
}

const AT_A_TIME = 25;

const JUDGEMENTS: JsonSchema = {
  title: 'review_judgements',
  ...strictObject({
    reviews: {
      type: 'array',
      items: strictObject({
        id: { type: 'integer' },
        sentiment: { enum: ['positive', 'mixed', 'negative'] },
        themes: { type: 'array', maxItems: 3, items: { type: 'string' } },
      }),
    },
  }),
};

const TASK =
  'Judge each review: is the customer positive, mixed or negative, and what is it about? Name at most three themes for each, in one to three words, ' +
  'and use the same words for the same theme (“waiting time”, “price”, “friendliness”). Give exactly one entry for each id.';

/** Has a model read the reviews, some at a time; what it leaves out is judged by the stars, or not at all. */
export async function judgeReviews(params: {
  readonly ctx: Pick<HandlerContext, 'generate' | 'instruction' | 'progress'>;
  readonly business: Business;
  readonly reviews: readonly Review[];
}): Promise<JudgedReview[]> {
  const { ctx, business, reviews } = params;
  const judged = new Map<number, JudgedReview>();
  for (let start = 0; start < reviews.length; start += AT_A_TIME) {
    const batch = reviews.slice(start, start + AT_A_TIME);
    const answer = await askForJson<{ reviews: JudgedReview[] }>(ctx, {
      key: `reviews from ${batch[0]?.id ?? start}`,
      business,
      task: TASK,
      material: { reviews: batch.map(({ id, text, rating }) => ({ id, text, stars: rating })) },
      schema: JUDGEMENTS,
    });
    const known = new Set(batch.map(({ id }) => id));
    for (const each of answer.reviews) if (known.has(each.id)) judged.set(each.id, each);
    ctx.progress(Math.floor((90 * (start + batch.length)) / reviews.length), `Read ${start + batch.length} reviews`);
  }
  return reviews.flatMap((review) => judged.get(review.id) ?? judgeByStars(review));
}

function judgeByStars({ id, rating }: Review): JudgedReview[] {
  const sentiment = sentimentByStars(rating);
  return sentiment === null ? [] : [{ id, sentiment, themes: [] }];
}

/** Null when there are no stars. */
export function sentimentByStars(rating: number | null): Sentiment | null {
  if (rating === null) return null;
  if (rating <= 2) return 'negative';
  return rating < 4 ? 'mixed' : 'positive';
}

export function countSentiments(judged: readonly JudgedReview[]): { readonly [sentiment in Sentiment]: number } {
  const count = (wanted: Sentiment): number => judged.filter(({ sentiment }) => sentiment === wanted).length;
  return { positive: count('positive'), mixed: count('mixed'), negative: count('negative') };
}

/** What the reviews are about, most frequent first. */
export function countThemes(judged: readonly JudgedReview[]): ThemeCount[] {
  const themes = new Map<string, JudgedReview[]>();
  for (const each of judged) {
    for (const theme of new Set(each.themes.map((name) => name.trim().toLowerCase()))) {
      if (theme !== '') themes.set(theme, [...(themes.get(theme) ?? []), each]);
    }
  }
  return [...themes]
    .map(([theme, about]) => ({ theme, ...countSentiments(about), reviews: about.map(({ id }) => id) }))
    .toSorted((a, b) => b.reviews.length - a.reviews.length || (a.theme < b.theme ? -1 : 1));
}

/** 100 when all are positive, 0 when all are negative; null when there are none. */
export function scoreSentiments(judged: readonly JudgedReview[]): number | null {
  if (judged.length === 0) return null;
  const { positive, mixed } = countSentiments(judged);
  return Math.round((100 * (positive + mixed / 2)) / judged.length);
}
