import { ErrandError } from '../../core/errors.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import type { InOrganization } from '../../service/interface/services.js';
import type { HttpContext } from '../pipeline/app-deps.js';

interface Range {
  readonly min: number;
  readonly max?: number;
  readonly otherwise: number;
}

/** A whole number of the query. Throws `invalid_input` when it is none, or out of range. */
export function queryInteger(c: HttpContext, name: string, { min, max, otherwise }: Range): number {
  const text = c.req.query(name);
  if (text === undefined) return otherwise;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= (max ?? Number.MAX_SAFE_INTEGER)) return value;
  const range = max === undefined ? `at least ${min}` : `from ${min} to ${max}`;
  throw invalidQuery(name, `must be a whole number, ${range}`);
}

/** How many of a list are left out. `further` tells how to get at what lies beyond what is allowed. */
export function queryOffset(c: HttpContext, further: string): number {
  const offset = queryInteger(c, 'offset', { min: 0, otherwise: 0 });
  if (offset <= PAYLOAD_LIMITS.offset) return offset;
  throw invalidQuery('offset', `must be at most ${PAYLOAD_LIMITS.offset}. ${further}`);
}

/** `before`: the id of the last of a page, for the page after it. `parse` gives null for what is none. */
export function queryBefore(c: HttpContext, parse: (text: string) => string | null): { readonly beforeId?: string } {
  const text = c.req.query('before');
  if (text === undefined) return {};
  const beforeId = parse(text);
  if (beforeId === null) throw invalidQuery('before', 'must be the id of the last of a page');
  return { beforeId };
}

export function readChoice<T extends string>(c: HttpContext, name: string, known: readonly T[]): T | undefined {
  const text = c.req.query(name);
  if (text === undefined) return undefined;
  const value = known.find((candidate) => candidate === text);
  if (value === undefined) throw invalidQuery(name, `must be one of ${known.join(', ')}`);
  return value;
}

export function queryOrganization(c: HttpContext): InOrganization {
  const organization = c.req.query('organization');
  return organization === undefined ? {} : { organization };
}

function invalidQuery(name: string, message: string): ErrandError {
  return new ErrandError('invalid_input', `The query is not valid: ${name} ${message}.`, {
    problems: [{ path: `?${name}`, message }],
  });
}
