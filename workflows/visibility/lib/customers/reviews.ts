import type { JsonObject } from 'errand';
import { textOf, typesOf } from '../schema-org/json-ld.js';
import { normalize } from '../text/text.js';

export interface Review {
  /** Counts from 1. */
  readonly id: number;
  readonly text: string;
  /** 1 to 5; null when nobody says. */
  readonly rating: number | null;
  readonly author: string | null;
  /** The page that it stands on; null when its text was given. */
  readonly source: string | null;
}

export type FoundReview = Omit<Review, 'id'>;

const MAX_TEXT_CHARS = 2_000;

/** The first of those that say the same, numbered. */
export function numberReviews(found: readonly FoundReview[]): Review[] {
  const seen = new Set<string>();
  const fresh = found.filter(({ text }) => {
    const key = normalize(text);
    if (key === '' || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return fresh.map((review, index) => ({ id: index + 1, ...review, text: review.text.slice(0, MAX_TEXT_CHARS) }));
}

/** A review as it was given: `5/5 Quick and fair.`, `★★☆☆☆ Waited an hour`, or only words. */
export function readReviewText(given: string): FoundReview {
  const { rating, rest } = readRating(given.trim());
  return { text: rest === '' ? given.trim() : rest, rating, author: null, source: null };
}

function readRating(text: string): { readonly rating: number | null; readonly rest: string } {
  // Each of these is one UTF-16 unit.
  const stars = /^([★⭐]+)[☆]*\s*/.exec(text);
  if (stars !== null) return { rating: toRating(stars[1]?.length ?? 0), rest: text.slice(stars[0].length) };
  const number = /^([1-5](?:[.,]\d)?)\s*(?:\/\s*5|(?:of|out of) 5|stars?)\b\s*[:.,–-]?\s*/i.exec(text);
  if (number === null) return { rating: null, rest: text };
  return { rating: toRating(Number((number[1] ?? '').replace(',', '.'))), rest: text.slice(number[0].length) };
}

/** The reviews in a page's structured data. */
export function readSchemaReviews(items: readonly JsonObject[], source: string): FoundReview[] {
  return items
    .filter((item) => typesOf(item).includes('Review'))
    .flatMap((item) => {
      const text = textOf(item['reviewBody']) ?? textOf(item['description']);
      if (text === null) return [];
      const rated: unknown = item['reviewRating'];
      const value =
        typeof rated === 'object' && rated !== null ? Number(textOf((rated as JsonObject)['ratingValue'])) : 0;
      return [{ text, rating: toRating(value), author: textOf(item['author']), source }];
    });
}

function toRating(value: number): number | null {
  return value >= 1 && value <= 5 ? value : null;
}

/** One decimal; null when no review has a rating. */
export function averageRating(reviews: readonly Pick<Review, 'rating'>[]): number | null {
  const ratings = reviews.map(({ rating }) => rating).filter((rating) => rating !== null);
  if (ratings.length === 0) return null;
  return Math.round((10 * ratings.reduce((sum, rating) => sum + rating, 0)) / ratings.length) / 10;
}
