import type { HandlerContext } from 'errand';
import { askForJson, type JsonQuestion } from './ask-for-json.js';

export interface Drafted<Draft> {
  readonly draft: Draft;
  /** What is still wrong with it, for a person to look at; empty when nothing is. */
  readonly problems: readonly string[];
}

/** In characters, both included. */
export interface LengthLimits {
  readonly min: number;
  readonly max: number;
}

const REDRAFTS = 2;

/** Has a model write something, and again with what `check` finds wrong, until that is nothing or enough was tried. The best draft counts. */
export async function writeDraft<Draft>(
  ctx: Pick<HandlerContext, 'generate' | 'instruction'>,
  question: JsonQuestion,
  check: (draft: Draft) => readonly string[],
): Promise<Drafted<Draft>> {
  let best: Drafted<Draft> | null = null;
  for (let redraft = 0; ; redraft += 1) {
    const { key, task } = question;
    const draft: Draft = await askForJson<Draft>(ctx, {
      ...question,
      ...(best === null ? {} : { key: `${key}, redraft ${redraft}`, task: `${task}\n\n${faultsOf(best.problems)}` }),
    });
    const problems = check(draft);
    if (best === null || problems.length < best.problems.length) best = { draft, problems };
    if (best.problems.length === 0 || redraft === REDRAFTS) return best;
  }
}

/** What is wrong with the length of a text that a model wrote; `what` is how the problem calls it. */
export function checkLength(what: string, { length }: string, { min, max }: LengthLimits): string[] {
  return length < min || length > max ? [`${what} has ${length} characters, not ${min} to ${max}.`] : [];
}

function faultsOf(problems: readonly string[]): string {
  return `An earlier draft could not be used. Write a new one without these faults:\n${problems.map((each) => `- ${each}`).join('\n')}`;
}
