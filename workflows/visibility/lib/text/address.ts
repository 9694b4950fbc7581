import { normalize } from './text.js';

export type Verdict = 'right' | 'wrong' | 'absent';

const STREET_WORDS: { readonly [word: string]: string } = {
  street: 'st',
  road: 'rd',
  avenue: 'ave',
  lane: 'ln',
  drive: 'dr',
  boulevard: 'blvd',
  square: 'sq',
  place: 'pl',
  court: 'ct',
  highway: 'hwy',
};
const SHORT_STREET_WORDS = Object.values(STREET_WORDS).join('|');
const OTHER_STREET = new RegExp(String.raw`\b\d{1,5}[a-z]? (?:\p{L}+ ){1,3}(?:${SHORT_STREET_WORDS})\b`, 'u');

/** Whether a text gives this address: `right` when street and number stand in it, `wrong` when it gives another. */
export function judgeAddress(text: string, address: string): Verdict {
  const street = canonical(address.split(/[,\n]/)[0] ?? address);
  const said = canonical(text);
  if (` ${said} `.includes(` ${street} `)) return 'right';
  const name = street.replaceAll(/\b\d+\p{L}?\b/gu, '').trim();
  const isNamed = name !== '' && new RegExp(String.raw`(?:\d ${escape(name)}|${escape(name)} \d)`, 'u').test(said);
  return isNamed || OTHER_STREET.test(said) ? 'wrong' : 'absent';
}

/** The same street and number, however they are written. */
export function isSameAddress(one: string, other: string): boolean {
  return judgeAddress(one, other) === 'right' || judgeAddress(other, one) === 'right';
}

function canonical(address: string): string {
  return normalize(address)
    .split(' ')
    .map((word) => STREET_WORDS[word] ?? word.replace(/strasse$/, 'str'))
    .join(' ');
}

function escape(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}
