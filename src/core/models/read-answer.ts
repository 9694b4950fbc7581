import type { Problem } from '../errors.js';
import type { Json } from '../json.js';
import type { ModelAnswer } from './models.js';

export type StructuredAnswer = { readonly fault: null; readonly output: Json } | { readonly fault: string };

/** What an answer gives under its schema, or what is wrong with it. */
export function readAnswer(
  { text: answer, finish }: ModelAnswer,
  check: ((value: Json) => readonly Problem[]) | null,
): StructuredAnswer {
  if (finish === 'length') return { fault: 'the answer was cut off: it was longer than the model may write' };
  if (check === null) return { fault: null, output: answer };
  const parsed = parseJson(answer);
  if (parsed === undefined) return { fault: 'the answer is not JSON' };
  const problems = check(parsed);
  if (problems.length === 0) return { fault: null, output: parsed };
  return { fault: problems.map(({ path, message }) => `${path === '' ? 'the answer' : path} ${message}`).join('; ') };
}

/** The JSON of an answer that may stand in a fenced block, or between sentences. */
function parseJson(answer: string): Json | undefined {
  const fenced = /```(?:json)?\s*\n([\s\S]*?)\n?```/.exec(answer)?.[1];
  const braces = answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1);
  for (const candidate of [answer, fenced, braces]) {
    if (candidate === undefined || candidate.trim() === '') continue;
    try {
      return JSON.parse(candidate) as Json;
    } catch {
      // The next one.
    }
  }
  return undefined;
}

/** What the model is told of an answer that cannot be used. */
export function repairPrompt(fault: string, isJson: boolean): string {
  const wanted = isJson ? 'whole, with nothing but JSON that fits the schema' : 'whole, in fewer words';
  return `Your answer cannot be used: ${fault}.\nAnswer again, ${wanted}.`;
}
