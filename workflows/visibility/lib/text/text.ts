/** Lower case, without accents and punctuation, words between single spaces; `&` and the word `and` are left out. */
export function normalize(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll(/[’']/g, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .replaceAll(/\band\b/g, ' ')
    .replaceAll(/ +/g, ' ')
    .trim();
}

/** Whether the words of the phrase stand in the text, one after the other. */
export function containsPhrase(text: string, phrase: string): boolean {
  const wanted = normalize(phrase);
  if (WITHOUT_SPACES.test(wanted)) return normalize(text).includes(wanted);
  return wanted !== '' && ` ${normalize(text)} `.includes(` ${wanted} `);
}

/** Scripts that put no spaces between words. */
const WITHOUT_SPACES = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

const LEGAL_FORMS = /\b(?:gmbh|ug|ag|kg|ohg|ek|ltd|limited|llc|inc|co|corp|plc|sarl|srl|bv)\b/g;

/** Whether a business is named, with or without its legal form and its article. */
export function mentionsName(text: string, name: string): boolean {
  const core = normalize(name).replaceAll(LEGAL_FORMS, ' ').replace(/^the /, '').replaceAll(/ +/g, ' ').trim();
  return containsPhrase(text, core === '' ? name : core);
}

/** Whether a service is spoken of: its words in order, or all its longer words close to each other (`repair of brakes`). */
export function mentionsService(text: string, service: string): boolean {
  if (containsPhrase(text, service)) return true;
  const words = normalize(service)
    .split(' ')
    .filter((word) => word.length > 2)
    .map(stem);
  if (words.length === 0) return false;
  const all = normalize(text).split(' ').map(stem);
  return all.some((word, index) => {
    if (word !== words[0]) return false;
    const near = all.slice(Math.max(0, index - WINDOW), index + WINDOW + 1);
    return words.every((wanted) => near.includes(wanted));
  });
}

/** In words. */
const WINDOW = 6;

function stem(word: string): string {
  return word.length > 4 ? word.replace(/s$/, '').replace(/(?:ing|e)$/, '') : word;
}

/** At most so many characters, cut after a word. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 1);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), most / 2)).trimEnd()}…`;
}
