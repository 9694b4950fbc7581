import { describe, expect, it } from 'vitest';
import { averageRating, numberReviews, readReviewText, readSchemaReviews } from './reviews.js';
import { countSentiments, countThemes, scoreSentiments, type JudgedReview } from './sentiment.js';

describe('reviews', () => {
  it.each([
    ['5/5 Quick and fair.', 5, 'Quick and fair.'],
    ['★★☆☆☆ Waited an hour', 2, 'Waited an hour'],
    ['4.5 out of 5: nice', 4.5, 'nice'],
    ['1 star - never again', 1, 'never again'],
    ['3 people worked on my bike', null, '3 people worked on my bike'],
    ['★★★', 3, '★★★'],
  ])('%s', (given, rating, text) => {
    expect(readReviewText(given)).toMatchObject({ rating, text });
  });

  it('are read from structured data', () => {
    const item = {
      '@type': 'Review',
      reviewBody: 'Good',
      reviewRating: { ratingValue: '4' },
      author: { name: 'Ines' },
    };
    expect(readSchemaReviews([item, { '@type': 'Review' }, { '@type': 'Person' }], 'https://x.example')).toEqual([
      { text: 'Good', rating: 4, author: 'Ines', source: 'https://x.example' },
    ]);
  });

  it('that say the same count once', () => {
    const reviews = numberReviews(['5/5 Great!', 'great', '2/5 Bad'].map(readReviewText));
    expect(reviews.map(({ id, text }) => [id, text])).toEqual([
      [1, 'Great!'],
      [2, 'Bad'],
    ]);
    expect(averageRating(reviews)).toBe(3.5);
    expect(averageRating([])).toBeNull();
  });
});

describe('what reviews are about', () => {
  const judged: readonly JudgedReview[] = [
    { id: 1, sentiment: 'positive', themes: ['Price', 'price'] },
    { id: 2, sentiment: 'negative', themes: ['waiting time', 'price'] },
    { id: 3, sentiment: 'mixed', themes: [] },
  ];

  it('is counted by theme, most frequent first', () => {
    expect(countThemes(judged)).toEqual([
      { theme: 'price', positive: 1, mixed: 0, negative: 1, reviews: [1, 2] },
      { theme: 'waiting time', positive: 0, mixed: 0, negative: 1, reviews: [2] },
    ]);
  });

  it('gives a score between all negative and all positive', () => {
    expect(countSentiments(judged)).toEqual({ positive: 1, mixed: 1, negative: 1 });
    expect(scoreSentiments(judged)).toBe(50);
    expect(scoreSentiments([])).toBeNull();
  });
});
