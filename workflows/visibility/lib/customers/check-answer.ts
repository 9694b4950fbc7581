import { judgeAddress, type Verdict } from '../text/address.js';
import { judgeHours } from '../text/hours.js';
import { findPhones, isSamePhone } from '../text/phone.js';
import type { Business } from '../profile.js';
import type { Question } from './questions.js';
import { mentionsName, mentionsService } from '../text/text.js';

export type Fact = 'phone' | 'address' | 'hours' | 'services';

/** What an assistant's answer says of the business. */
export interface CheckedAnswer {
  readonly mentioned: boolean;
  /** Those that the question was about and the profile knows. */
  readonly facts: { readonly [fact in Fact]?: Verdict };
  /** The competitors that it names. */
  readonly competitors: readonly string[];
}

/** Holds an answer against the profile. Facts are judged only where they were asked for: elsewhere a number may be somebody else's. */
export function checkAnswer(params: {
  readonly question: Question;
  readonly answer: string;
  readonly business: Business;
}): CheckedAnswer {
  const { question, answer, business } = params;
  const { about } = question;
  const verdict = about === 'discovery' ? null : judge(about, answer, business);
  return {
    mentioned: mentionsName(answer, business.name),
    facts: about === 'discovery' || verdict === null ? {} : { [about]: verdict },
    competitors: business.competitors.filter(({ name }) => mentionsName(answer, name)).map(({ name }) => name),
  };
}

/** Null when the profile does not say what would be right. */
function judge(fact: Fact, answer: string, business: Business): Verdict | null {
  switch (fact) {
    case 'phone': {
      const { phone } = business;
      if (phone === undefined) return null;
      const told = findPhones(answer);
      if (told.length === 0) return 'absent';
      return told.every((each) => isSamePhone(each, phone)) ? 'right' : 'wrong';
    }
    case 'address':
      return business.address === undefined ? null : judgeAddress(answer, business.address);
    case 'hours':
      return business.hours === undefined ? null : judgeHours(answer, business.hours);
    case 'services':
      return business.services.some((service) => mentionsService(answer, service)) ? 'right' : 'absent';
  }
}
