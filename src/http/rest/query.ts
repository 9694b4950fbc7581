import type { QueryField } from '../../api/endpoint.js';
import { ErrandError } from '../../core/errors.js';
import type { Exchange } from '../transport/exchange.js';

/** What is read of a query: integers are always there, as what is absent has a default. */
export type ReadQuery<Query> = {
  readonly [Name in keyof Query]-?: NonNullable<Query[Name]> extends number ? number : Query[Name] | undefined;
};

/**
 * The declared fields of the query. Throws `invalid_input` for the first that is not what it must be; fields that are
 * not declared are passed over.
 */
export function readQuery<Query>(
  exchange: Exchange,
  fields: { readonly [name: string]: QueryField },
): ReadQuery<Query> {
  const texts = new URLSearchParams(exchange.query);
  const values = Object.entries(fields).map(([name, field]) => [name, readField(name, field, texts.getAll(name))]);
  return Object.fromEntries(values) as ReadQuery<Query>;
}

function readField(
  name: string,
  field: QueryField,
  texts: readonly string[],
): string | number | readonly string[] | undefined {
  const [text] = texts;
  switch (field.kind) {
    case 'integer':
      return text === undefined ? field.default : readInteger(name, field, text);
    case 'choice':
      if (text === undefined || field.values.includes(text)) return text;
      throw invalidQuery(name, `must be one of ${field.values.join(', ')}`);
    case 'choices': {
      const chosen = texts.flatMap((one) => one.split(',').map((choice) => choice.trim()));
      const other = chosen.some((choice) => !field.values.includes(choice));
      if (other) throw invalidQuery(name, `must be one of ${field.values.join(', ')}, or several with commas between`);
      return text === undefined ? undefined : chosen;
    }
    case 'text':
      return text;
    case 'texts':
      return text === undefined ? undefined : texts;
  }
}

function readInteger(name: string, field: Extract<QueryField, { kind: 'integer' }>, text: string): number {
  const { min, max, beyond } = field;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= (max ?? Number.MAX_SAFE_INTEGER)) return value;
  if (value > min && beyond !== undefined) throw invalidQuery(name, `must be at most ${max}. ${beyond}`);
  const range = max === null || beyond !== undefined ? `at least ${min}` : `from ${min} to ${max}`;
  throw invalidQuery(name, `must be a whole number, ${range}`);
}

/** The id of the last of a page, for the page after it. `parse` gives null for what is none. */
export function readBefore(
  text: string | undefined,
  parse: (text: string) => string | null,
): { readonly beforeId?: string } {
  if (text === undefined) return {};
  const beforeId = parse(text);
  if (beforeId === null) throw invalidQuery('before', 'must be the id of the last of a page');
  return { beforeId };
}

/** The fields that are there. */
export function given<Fields extends { readonly [name: string]: unknown }>(
  fields: Fields,
): { readonly [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };
}

function invalidQuery(name: string, message: string): ErrandError {
  return new ErrandError('invalid_input', `The query is not valid: ${name} ${message}.`, {
    problems: [{ path: `?${name}`, message }],
  });
}
