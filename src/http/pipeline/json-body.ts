import { ErrandError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import { parseCallerJson, parseCallerJsonInTurns } from '../../core/text/parse-json.js';
import { type Exchange, LONG_BODY } from '../transport/exchange.js';
import { checkJsonType } from './content-type.js';

/** The body's JSON; `{}` when it is empty, whatever its type. */
export async function readJsonBody(exchange: Exchange, maxBytes: number): Promise<Json> {
  const text = await exchange.readText(maxBytes);
  if (text.trim() === '') return {};
  checkJsonType(exchange.header('content-type'));
  const parsed = text.length <= LONG_BODY ? parseCallerJson(text) : await parseCallerJsonInTurns(text);
  if (parsed.kind === 'json') return parsed.json;
  if (parsed.reason === 'size')
    throw new ErrandError('payload_too_large', `The body cannot be taken. ${parsed.message}`);
  const problems = parsed.reason === 'number' ? [{ path: parsed.path, message: 'cannot be kept exactly' }] : [];
  throw new ErrandError('invalid_input', `The body cannot be read. ${parsed.message}`, { problems });
}
