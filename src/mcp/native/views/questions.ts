import type { Question } from '../../../core/run/node-execution.js';
import { isJsonObject, type Json, type JsonObject, type JsonSchema } from '../../../core/json.js';
import type { Run } from '../../../core/run/run.js';
import { parseJson } from '../../../core/text/parse-json.js';

/** What the nodes of a run ask a person, as elicitations of the protocol, and the answers to these. */
export interface OpenQuestion {
  /** Never used again for another question: a node that asks again does so in another attempt. */
  readonly key: string;
  readonly nodeId: string;
  readonly question: Question;
}

export function openQuestions(run: Pick<Run, 'nodes'>): readonly OpenQuestion[] {
  return run.nodes.flatMap(({ id, attempt, status, question }) =>
    status === 'waiting' && question !== undefined ? [{ key: `${id}.${attempt}`, nodeId: id, question }] : [],
  );
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
