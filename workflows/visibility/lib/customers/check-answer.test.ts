import { describe, expect, it } from 'vitest';
import { BUSINESS as BRIGHT_SPOKE } from '../../../../test/visibility/business.js';
import type { AskedAnswer } from './ask-customers.js';
import { checkAnswer } from './check-answer.js';
import type { Business } from '../profile.js';
import { makeDiscoveries, makeQuestions, type Question } from './questions.js';
import { computeStanding } from './standing.js';

const BUSINESS: Business = {
  ...BRIGHT_SPOKE,
  services: ['brake repair', 'wheel building'],
  competitors: [{ name: 'Chain Reaction' }],
};

const question = (about: Question['about'], service: string | null = null): Question => ({ about, service, text: '?' });
const check = (about: Question['about'], answer: string, business = BUSINESS) =>
  checkAnswer({ question: question(about), answer, business });

describe('questions of customers', () => {
  it('are a dozen, all different, eight of which do not name the business', () => {
    const questions = makeQuestions(BUSINESS);
    expect(new Set(questions.map(({ text }) => text)).size).toBe(12);
    const discoveries = questions.filter(({ about }) => about === 'discovery');
    expect(discoveries).toHaveLength(8);
    expect(discoveries.filter(({ text }) => text.includes('Bright Spoke'))).toEqual([]);
    expect(questions.filter(({ text }) => !text.includes('Harborview'))).toEqual([]);
  });

  it('go round the services', () => {
    const services = makeDiscoveries({ city: 'X', services: ['a', 'b', 'c'], count: 4 }).map(({ service }) => service);
    expect(services).toEqual(['a', 'b', 'c', 'a']);
  });
});

describe('an answer', () => {
  it.each([
    ['phone', 'Call +1 555 010 2030.', 'right'],
    ['phone', 'Call +1 555 010 2030 or 555 010 9999.', 'wrong'],
    ['phone', 'I do not know.', 'absent'],
    ['address', 'At 12 Harbor St.', 'right'],
    ['hours', '9 am to 7 pm', 'wrong'],
    ['services', 'They do brake repairs.', 'right'],
    ['services', 'They bake bread.', 'absent'],
  ] as const)('about %s, “%s”, is %s', (about, answer, verdict) => {
    expect(check(about, answer).facts).toEqual({ [about]: verdict });
  });

  it('is not held against what the profile does not say', () => {
    const { phone: _, ...rest } = BUSINESS;
    expect(check('phone', 'Call 555 010 9999', rest).facts).toEqual({});
  });

  it('to a customer who looks around tells who is named, and no facts', () => {
    expect(check('discovery', 'Go to Chain Reaction, 555 010 9999, or to Bright Spoke.')).toEqual({
      mentioned: true,
      facts: {},
      competitors: ['Chain Reaction'],
    });
  });
});

describe('the standing of a business', () => {
  const asked = (about: Question['about'], answer: string, service: string | null = null): AskedAnswer => {
    const each = question(about, service);
    return {
      asked: 'm',
      model: 'm',
      question: each,
      answer,
      ...checkAnswer({ question: each, answer, business: BUSINESS }),
    };
  };

  it('counts who is named and what is right', () => {
    const standing = computeStanding(
      [
        asked('discovery', 'Bright Spoke', 'brake repair'),
        asked('discovery', 'Chain Reaction', 'wheel building'),
        asked('phone', '(555) 010-2030'),
        asked('hours', '8 am'),
      ],
      BUSINESS,
    );
    expect(standing).toMatchObject({
      score: 50,
      discoveries: 2,
      mentions: 1,
      facts: { right: 1, wrong: 1, absent: 0 },
      wrongFacts: [{ fact: 'hours', model: 'm' }],
      competitors: [{ name: 'Chain Reaction', mentions: 1 }],
      missedServices: ['wheel building'],
    });
  });

  it('is better when nothing is told than when something wrong is', () => {
    const score = (answer: string): number => computeStanding([asked('phone', answer)], BUSINESS).score;
    expect([score('(555) 010-2030'), score('no idea'), score('555 010 9999')]).toEqual([40, 10, 0]);
    expect(computeStanding([], BUSINESS).score).toBe(0);
  });
});
