import { readTimes } from '../text/hours.js';
import { findPhones, isSamePhone } from '../text/phone.js';
import type { Business } from '../profile.js';
import { normalize } from '../text/text.js';

const PRICE = /(?:[$€£]\s?\d[\d.,]*|\b\d[\d.,]*\s?(?:€|EUR\b|USD\b|GBP\b|euros?\b|dollars?\b|pounds?\b))/gi;
const BOASTS =
  /\b(?:award[- ]winning|number one|no\. ?1|#1|guaranteed?|certified|licensed|insured|best in (?:town|the city)|since (?:19|20)\d\d)\b/gi;

/** What a draft says that the profile does not: each as a sentence. */
export function findInvented(text: string, business: Business): string[] {
  const known = [
    business.name,
    business.phone,
    business.address,
    business.hours,
    ...business.services,
    ...business.facts,
  ]
    .filter((each) => each !== undefined)
    .join('\n');
  const problems: string[] = [];
  for (const phone of findPhones(text)) {
    const isKnown = findPhones(known).some((each) => isSamePhone(each, phone));
    if (!isKnown) problems.push(`It gives the telephone number ${phone}, which is not in the profile.`);
  }
  for (const price of new Set((text.match(PRICE) ?? []).map((each) => each.replace(/[.,]+$/, '')))) {
    if (!digits(known).includes(digits(price)))
      problems.push(`It gives the price ${price}, which is not in the profile.`);
  }
  const times = new Set(readTimes(known));
  for (const time of readTimes(text)) {
    if (!times.has(time)) problems.push(`It gives the time ${time}, which is not in the opening hours.`);
  }
  for (const boast of new Set((text.match(BOASTS) ?? []).map((each) => each.toLowerCase()))) {
    if (!normalize(known).includes(normalize(boast))) problems.push(`It says “${boast}”, which is not in the profile.`);
  }
  return problems;
}

/** The numbers of a text, between spaces: `$49.00` and `49 dollars` are the same price. */
function digits(text: string): string {
  const numbers = text.match(/\d[\d.,]*/g) ?? [];
  return ` ${numbers.map((number) => number.replace(/[.,]+$/, '').replace(/[.,]00$/, '')).join(' ')} `;
}
