const MIN_DIGITS = 7;
const MAX_DIGITS = 15;

/** The same line, with or without its country's code. */
export function isSamePhone(one: string, other: string): boolean {
  const [short = '', long = ''] = [digitsOf(one), digitsOf(other)].toSorted((a, b) => a.length - b.length);
  return short.length >= MIN_DIGITS && long.endsWith(short);
}

/** Telephone numbers in a text, as they are written. Dates, years and opening times are none. */
export function findPhones(text: string): string[] {
  const found = text.match(/(?:\+|\(?\d)[\d ()./\u00a0-]{5,}\d/g) ?? [];
  return [...new Set(found.map((phone) => phone.trim()).filter(isPhone))];
}

function isPhone(text: string): boolean {
  const { length } = text.replaceAll(/\D/g, '');
  if (length < MIN_DIGITS || length > MAX_DIGITS) return false;
  const isDate = /\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4}/.test(text);
  const areYears = /^(?:19|20)\d\d ?[-/ ] ?(?:19|20)\d\d$/.test(text);
  return !isDate && !areYears;
}

/** Without what is dialled before a number from abroad or from another town. */
function digitsOf(phone: string): string {
  return phone.replace(/\(0\)/, '').replaceAll(/\D/g, '').replace(/^0+/, '');
}
