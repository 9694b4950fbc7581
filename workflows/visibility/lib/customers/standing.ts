import type { AskedAnswer } from './ask-customers.js';
import type { Fact } from './check-answer.js';
import type { Business } from '../profile.js';

/** How the business stands with those who were asked. */
export interface Standing {
  /** 0 to 100. */
  readonly score: number;
  readonly discoveries: number;
  /** In how many of those it was named. */
  readonly mentions: number;
  readonly facts: { readonly right: number; readonly wrong: number; readonly absent: number };
  readonly wrongFacts: readonly { readonly fact: Fact; readonly model: string; readonly answer: string }[];
  /** How often each competitor was named where customers asked who can do something, most often first. */
  readonly competitors: readonly { readonly name: string; readonly mentions: number }[];
  /** Services that the business was never named for. */
  readonly missedServices: readonly string[];
}

const DISCOVERY_SHARE = 0.6;
/** Of a right fact: better silent than wrong. */
const ABSENT_WORTH = 0.25;

export function computeStanding(answers: readonly AskedAnswer[], business: Business): Standing {
  const discoveries = answers.filter(({ question }) => question.about === 'discovery');
  const mentions = discoveries.filter(({ mentioned }) => mentioned).length;
  const judged = answers.flatMap(({ facts, model, answer }) =>
    Object.entries(facts).map(([fact, verdict]) => ({ fact: fact as Fact, verdict, model, answer })),
  );
  const count = (wanted: string): number => judged.filter(({ verdict }) => verdict === wanted).length;
  const facts = { right: count('right'), wrong: count('wrong'), absent: count('absent') };
  const found = discoveries.length === 0 ? 0 : mentions / discoveries.length;
  const correct = judged.length === 0 ? found : (facts.right + ABSENT_WORTH * facts.absent) / judged.length;
  return {
    score: Math.round(100 * (DISCOVERY_SHARE * found + (1 - DISCOVERY_SHARE) * correct)),
    discoveries: discoveries.length,
    mentions,
    facts,
    wrongFacts: judged
      .filter(({ verdict }) => verdict === 'wrong')
      .map(({ fact, model, answer }) => ({ fact, model, answer })),
    competitors: business.competitors
      .map(({ name }) => ({
        name,
        mentions: discoveries.filter(({ competitors }) => competitors.includes(name)).length,
      }))
      .filter((each) => each.mentions > 0)
      .toSorted((a, b) => b.mentions - a.mentions),
    missedServices: [...new Set(discoveries.map(({ question }) => question.service))].filter(
      (service): service is string =>
        service !== null && discoveries.every((each) => each.question.service !== service || !each.mentioned),
    ),
  };
}
