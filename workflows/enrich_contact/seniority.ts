export type Seniority =
  | 'founder'
  | 'c_level'
  | 'partner'
  | 'vp'
  | 'head'
  | 'director'
  | 'manager'
  | 'lead'
  | 'senior'
  | 'mid'
  | 'junior'
  | 'intern';

/** The first that fits decides, so “Senior Vice President” is a vp and “Associate Director” a director. */
const RULES: readonly (readonly [Seniority, RegExp])[] = [
  ['founder', /\b(?:co-?)?founder\b|\b(?<!product |process |system |business )owner\b|\bproprietor\b/],
  ['intern', /\bintern(?:ship)?\b|\bworking student\b/],
  ['head', /\bchief of staff\b/],
  [
    'c_level',
    /\bchief\b.*\bofficer\b|\bc[efotmipsrd]o\b|\bc(?:hr|is|pt)o\b|\bmanaging director\b|(?<!vice[ -])\bpresident\b/,
  ],
  ['vp', /\b[es]?vp\b|\bvice[ -]president\b/],
  ['partner', /(?<!\bbusiness )\bpartner$/],
  ['director', /\bdirector\b/],
  ['head', /\bhead\b/],
  ['manager', /\bmanager\b|\bsupervisor\b/],
  ['lead', /\blead(?:er)?\b(?! generation| gen\b)|\bforeman\b/],
  ['junior', /\bjunior\b|\bjr\b|\bgraduate\b|\btrainee\b|\bapprentice\b|\bassistant\b|\bentry[ -]level\b/],
  ['senior', /\bsenior\b|\bsr\b|\bprincipal\b|\bstaff (?:engineer|scientist|designer|developer)\b/],
];

/** How senior a job title sounds. Whom somebody assists doesn't count: “Assistant to the CEO” is no CEO. */
export function seniorityOf(title: string): Seniority {
  const words = title
    .toLowerCase()
    .replaceAll(/[.,/&()]+/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const own = words.replace(/ to (?:the )?.*$/, '');
  return RULES.find(([, pattern]) => pattern.test(own))?.[0] ?? 'mid';
}
