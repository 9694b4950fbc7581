import type { Problem } from '../errors.js';
import type { Json } from '../json.js';
import { parseJson, type ParsedJson } from '../text/parse-json.js';
import type { ModelAnswer } from './models.js';

export type StructuredAnswer = { readonly fault: null; readonly output: Json } | { readonly fault: string };

/** What an answer gives under its schema, or what is wrong with it. */
export async function readAnswer(
  { text: answer, finish }: ModelAnswer,
  check: ((value: Json) => readonly Problem[] | Promise<readonly Problem[]>) | null,
): Promise<StructuredAnswer> {
  if (finish === 'length') return { fault: 'the answer was cut off: it was longer than the model may write' };
  if (check === null) return { fault: null, output: answer };
  const parsed = findJson(answer);
  if (parsed.kind === 'fault') {
    return { fault: parsed.reason === 'syntax' ? 'the answer is not JSON' : parsed.message.replace(/\.$/, '') };
  }
  const problems = await check(parsed.json);
  if (problems.length === 0) return { fault: null, output: parsed.json };
  return { fault: problems.map(({ path, message }) => `${path === '' ? 'the answer' : path} ${message}`).join('; ') };
}

/** The JSON of an answer that may stand in a fenced block, or between sentences. */
function findJson(answer: string): ParsedJson {
  const whole = parseJson(answer);
  for (const find of [findFenced, findBraces]) {
    if (whole.kind === 'json' || whole.reason !== 'syntax') break;
    const part = find(answer);
    const parsed = part === null ? whole : parseJson(part);
    if (parsed.kind === 'json' || parsed.reason !== 'syntax') return parsed;
  }
  return whole;
}

const FENCE = '```';

/**
 * What stands in the first block that is fenced as JSON, or as nothing in particular. A fence is left at the first
 * letter of another label.
 */
function findFenced(answer: string): string | null {
  for (let open = answer.indexOf(FENCE); open !== -1; open = answer.indexOf(FENCE, open + FENCE.length)) {
    let end = skipBlanks(answer, open + FENCE.length);
    if (answer.startsWith('json', end)) end = skipBlanks(answer, end + 'json'.length);
    if (answer[end] !== '\n') continue;
    const close = answer.indexOf(FENCE, end);
    return close === -1 ? null : answer.slice(end + 1, close);
  }
  return null;
}

function skipBlanks(text: string, start: number): number {
  let end = start;
  while (text[end] === ' ' || text[end] === '\t' || text[end] === '\r') end += 1;
  return end;
}

function findBraces(answer: string): string | null {
  const open = answer.indexOf('{');
  return open === -1 ? null : answer.slice(open, answer.lastIndexOf('}') + 1);
}

/** What the model is told of an answer that cannot be used. */
export function repairPrompt(fault: string, isJson: boolean): string {
  const wanted = isJson ? 'whole, with nothing but JSON that fits the schema' : 'whole, in fewer words';
  return `Your answer cannot be used: ${fault}.\nAnswer again, ${wanted}.`;
}
