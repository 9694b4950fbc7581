import type { HandlerContext } from 'errand';
import { mapLimit } from '../../../site_checkup/lib/crawl/pool.js';
import { withInstruction } from './ask-for-json.js';
import { checkAnswer, type CheckedAnswer } from './check-answer.js';
import type { Profile } from '../profile.js';
import type { Question } from './questions.js';

export interface AskedAnswer extends CheckedAnswer {
  /** As it was named, and the one that answered. */
  readonly asked: string;
  readonly model: string;
  readonly question: Question;
  readonly answer: string;
}

export interface AskedCustomers {
  readonly answers: readonly AskedAnswer[];
  /** Those that gave no answer to some question, and why. */
  readonly silent: readonly { readonly asked: string; readonly questions: number; readonly reason: string }[];
}

/** The aliases that are asked when the caller names no models: those of them that are configured, else `default`. */
export const SIMULATORS = ['simulator', 'simulator_2', 'simulator_3'];

const QUESTIONS_AT_A_TIME = 4;
const MAX_ANSWER_CHARS = 4_000;
const RULES =
  'You are the assistant of somebody who looks for a local business. Answer as you would answer any customer, in a few sentences, from what you know: name the ' +
  'businesses that you would recommend, best first. If you do not know, say so.';

type Context = Pick<HandlerContext, 'generate' | 'instruction' | 'progress' | 'signal' | 'attempt'>;

/**
 * Asks every model every question, and holds each answer against the profile. Rejects with what stopped it when no model gave an answer, or while another attempt at the
 * node may bring the missing ones; answers that came are kept for that attempt.
 */
export async function askCustomers(params: {
  readonly ctx: Context;
  readonly profile: Profile;
  readonly questions: readonly Question[];
  /** How often the node is tried in all. */
  readonly attempts: number;
}): Promise<AskedCustomers> {
  const { ctx, profile, questions, attempts } = params;
  const models = await chooseModels(ctx, profile, questions);
  const total = models.length * questions.length;
  let done = 0;
  const jobs = models.flatMap((asked) => questions.map((question, index) => ({ asked, question, index })));
  const outcomes = await mapLimit(jobs, QUESTIONS_AT_A_TIME, async ({ asked, question, index }) => {
    const outcome = await askOne({ ctx, asked, question, index, profile });
    done += 1;
    ctx.progress(Math.floor((95 * done) / total), `Asked ${done} of ${total} questions`);
    return { asked, ...outcome };
  });
  const answers = outcomes.flatMap((outcome) => ('answer' in outcome ? [outcome] : []));
  const failures = outcomes.flatMap((outcome) => ('failure' in outcome ? [outcome] : []));
  const [first] = failures;
  const mayComeYet = ctx.attempt < attempts && failures.some(({ failure }) => isRetryable(failure));
  if (first !== undefined && (answers.length === 0 || mayComeYet)) {
    throw failures.find(({ failure }) => isRetryable(failure))?.failure ?? first.failure;
  }
  const silent = models.flatMap((asked) => {
    const own = failures.filter((each) => each.asked === asked);
    return own[0] === undefined ? [] : [{ asked, questions: own.length, reason: messageOf(own[0].failure) }];
  });
  return { answers, silent };
}

async function askOne(params: {
  readonly ctx: Context;
  readonly asked: string;
  readonly question: Question;
  readonly index: number;
  readonly profile: Profile;
}): Promise<Omit<AskedAnswer, 'asked'> | { readonly failure: unknown }> {
  const { ctx, asked, question, index, profile } = params;
  try {
    const { text, model } = await ctx.generate<string>({
      key: keyOf(asked, index),
      model: asked,
      system: withInstruction(RULES, ctx.instruction),
      prompt: question.text,
    });
    const answer = text.slice(0, MAX_ANSWER_CHARS);
    return { model, question, answer, ...checkAnswer({ question, answer, business: profile.business }) };
  } catch (failure) {
    ctx.signal.throwIfAborted();
    if (kindOf(failure) === 'budget_exceeded') throw failure;
    return { failure };
  }
}

function keyOf(asked: string, index: number): string {
  return `question ${index + 1} to ${asked}`.slice(0, 200);
}

/** The caller's, or the simulators that are there: who is not configured says so at the first question. */
async function chooseModels(ctx: Context, profile: Profile, questions: readonly Question[]): Promise<string[]> {
  if (profile.models !== undefined) return [...profile.models];
  const [question] = questions;
  if (question === undefined) return ['default'];
  const there: string[] = [];
  for (const asked of SIMULATORS) {
    const outcome = await askOne({ ctx, asked, question, index: 0, profile });
    if ('failure' in outcome && isNotConfigured(outcome.failure)) continue;
    there.push(asked);
  }
  return there.length === 0 ? ['default'] : there;
}

function isNotConfigured(failure: unknown): boolean {
  return ['model_not_configured', 'not_configured'].includes(kindOf(failure) ?? '');
}

function kindOf(failure: unknown): string | null {
  const kind = typeof failure === 'object' && failure !== null && 'kind' in failure ? failure.kind : null;
  return typeof kind === 'string' ? kind : null;
}

function isRetryable(failure: unknown): boolean {
  return typeof failure === 'object' && failure !== null && 'retryable' in failure && failure.retryable === true;
}

function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
