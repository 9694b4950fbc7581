import { listExecutions, type Question } from '../../../core/run/node-execution.js';
import { estimateJsonLength, isJsonObject, type Json, type JsonObject, type JsonSchema } from '../../../core/json.js';
import type { Run } from '../../../core/run/run.js';
import { shorten } from '../../../core/text/cut-text.js';
import { shareWords } from '../../tool-kit/cut-output.js';
import { parseJson } from '../../../core/text/parse-json.js';

/** What the nodes of a run ask a person, as elicitations of the protocol, and the answers to these. */
export interface OpenQuestion {
  /** Never used again for another question: a node that asks again does so in another attempt. */
  readonly key: string;
  readonly nodeId: string;
  readonly question: Question;
}

export function openQuestions(run: Pick<Run, 'nodes'>): readonly OpenQuestion[] {
  return listExecutions(run.nodes).flatMap(({ id, attempt, status, question }) =>
    status === 'waiting' && question !== undefined ? [{ key: `${id}.${attempt}`, nodeId: id, question }] : [],
  );
}

/** Questions in one answer. */
const MAX_SHOWN = 20;
/** Characters of a question. */
const MAX_MESSAGE = 4_000;
/** What the JSON of a schema may have, however many questions there are: without it nobody can answer. */
const MIN_PART = 2_000;

/** The questions of a run, as its status shows them. */
export function renderQuestions(questions: readonly OpenQuestion[]): JsonObject {
  const shown = questions.slice(0, MAX_SHOWN);
  const leftOut = questions.length - shown.length;
  const words = shareWords(shown.length);
  const part = Math.max(words, MIN_PART);
  return {
    questions: shown.map(({ nodeId, question }) => ({ node_id: nodeId, ...showQuestion(question, words, part) })),
    ...(leftOut === 0 ? {} : { questions_left_out: leftOut }),
  };
}

/**
 * `words`: characters of it at most; `part`: of its schema and its default, as JSON. A schema that is too long gives
 * way to one that takes anything.
 */
export function showQuestion(
  { message, schema, default: otherwise }: Question,
  words: number,
  part = words,
): JsonObject {
  const isShort = (value: Json): boolean => estimateJsonLength(value, part) <= part;
  return {
    message: shorten(message, Math.min(words, MAX_MESSAGE)),
    schema: isShort(schema) ? schema : {},
    ...(otherwise === undefined || !isShort(otherwise) ? {} : { default: otherwise }),
  };
}

/** Whether a client with these capabilities can put a form before a person. An empty `elicitation` means forms. */
export function canAsk({ elicitation }: JsonObject): boolean {
  return isJsonObject(elicitation) && ('form' in elicitation || !('url' in elicitation));
}

export function toInputRequests(questions: readonly OpenQuestion[]): JsonObject {
  return Object.fromEntries(questions.map(({ key, question }) => [key, toElicitation(question)]));
}

function toElicitation({ message, schema }: Question): JsonObject {
  return { method: 'elicitation/create', params: { mode: 'form', message, requestedSchema: toForm(schema) } };
}

/** Null when the person gave no answer: the question then stays open. */
export function readElicited({ schema }: Question, response: Json | undefined): { readonly answer: Json } | null {
  if (!isJsonObject(response) || response['action'] !== 'accept') return null;
  const content = isJsonObject(response['content']) ? response['content'] : {};
  if (toFields(schema) !== null) return { answer: content };
  const { answer = null } = content;
  if (typeof answer !== 'string' || toField(schema) !== null) return { answer };
  const parsed = parseJson(answer);
  return { answer: parsed.kind === 'json' ? parsed.json : answer };
}

/** Forms are flat: a question for anything else asks for it in one field, in JSON where it is no simple value. */
function toForm(schema: JsonSchema): JsonObject {
  const fields = toFields(schema);
  if (fields !== null) {
    const { required } = schema;
    return { type: 'object', properties: fields, ...(Array.isArray(required) ? { required } : {}) };
  }
  const answer = toField(schema) ?? { type: 'string', title: 'Answer', description: `JSON: ${JSON.stringify(schema)}` };
  return { type: 'object', properties: { answer }, required: ['answer'] };
}

/** The fields of a form that asks for an object of simple values; null when the schema asks for something else. */
function toFields({ type, properties }: JsonSchema): JsonObject | null {
  if (type !== 'object' || !isJsonObject(properties)) return null;
  const fields = Object.entries(properties).map(([name, schema]) => [
    name,
    isJsonObject(schema) ? toField(schema) : null,
  ]);
  return fields.some(([, field]) => field === null) ? null : (Object.fromEntries(fields) as JsonObject);
}

const FIELD_KEYWORDS: { readonly [type: string]: readonly string[] } = {
  string: ['minLength', 'maxLength', 'format', 'enum', 'oneOf'],
  number: ['minimum', 'maximum'],
  integer: ['minimum', 'maximum'],
  boolean: [],
};
const FORMATS: readonly Json[] = ['email', 'uri', 'date', 'date-time'];

/** A simple value as forms have it; null when it is none. */
function toField(schema: JsonSchema): JsonObject | null {
  const { enum: values } = schema;
  const texts = Array.isArray(values) && values.every((value: Json) => typeof value === 'string');
  const type = schema['type'] ?? (texts ? 'string' : undefined);
  const keywords = typeof type === 'string' ? FIELD_KEYWORDS[type] : undefined;
  if (typeof type !== 'string' || keywords === undefined || (values !== undefined && !texts)) return null;
  const kept = ['title', 'description', 'default', ...keywords].flatMap((keyword) => {
    const value = schema[keyword];
    const skipped = value === undefined || (keyword === 'format' && !FORMATS.includes(value));
    return skipped ? [] : [[keyword, value] as const];
  });
  return { type, ...Object.fromEntries(kept) };
}
