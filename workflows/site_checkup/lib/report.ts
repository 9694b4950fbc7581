export type Severity = 'high' | 'medium' | 'low';

export interface Fault {
  readonly rule: string;
  readonly severity: Severity;
  /** The page's address; for a fault of the whole site, that of the first page that has it. */
  readonly page: string;
  /** Of the element at fault; null when it is no single element. */
  readonly selector: string | null;
  readonly message: string;
  /** The other pages that have the same fault. */
  readonly also_on?: readonly string[];
}

export interface Report {
  readonly score: number;
  readonly checked: number;
  /** Worst first, each with the agent that found it. */
  readonly faults: readonly (Fault & { readonly agent: string })[];
  /** How many faults beyond `MAX_FAULTS` were left out. */
  readonly omitted: number;
  readonly agent: string;
}

const MAX_FAULTS = 200;
const MAX_ALSO_ON = 20;
const SEVERITIES: readonly Severity[] = ['high', 'medium', 'low'];
const HALVING_PENALTY = 80;
const PENALTY: { readonly [severity in Severity]: number } = { high: 12, medium: 6, low: 2 };

/**
 * Every `HALVING_PENALTY` points of penalty halve the score, from 100 on. A broken rule costs what its severity says, and a quarter of
 * that for each further time, up to three times the first: one kind of mistake made everywhere doesn't hide how good the rest is.
 */
export function computeScore(faults: readonly Fault[]): number {
  const byRule = new Map<string, number>();
  for (const fault of faults) {
    const first = PENALTY[fault.severity];
    const sofar = byRule.get(fault.rule);
    byRule.set(fault.rule, sofar === undefined ? first : Math.min(sofar + first / 4, first * 3));
  }
  const penalty = [...byRule.values()].reduce((sum, each) => sum + each, 0);
  return Math.round(100 * 0.5 ** (penalty / HALVING_PENALTY));
}

export function makeReport(params: { agent: string; checked: number; faults: readonly Fault[] }): Report {
  const { agent, checked } = params;
  const faults = SEVERITIES.flatMap((severity) => params.faults.filter((fault) => fault.severity === severity));
  return {
    agent,
    score: computeScore(faults),
    checked,
    faults: faults.slice(0, MAX_FAULTS).map((fault) => ({ agent, ...fault })),
    omitted: Math.max(0, faults.length - MAX_FAULTS),
  };
}

/** The same fault on several pages as one: on the first, `also_on` the others. Null when there is no page. */
export function onPages(pages: readonly string[], fault: Omit<Fault, 'page' | 'also_on' | 'selector'>): Fault | null {
  const [page, ...others] = pages;
  if (page === undefined) return null;
  return { ...fault, page, selector: null, ...(others.length === 0 ? {} : { also_on: others.slice(0, MAX_ALSO_ON) }) };
}

/** `1 page`, `2 pages`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function list(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
