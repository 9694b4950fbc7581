import { ErrandError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import { parseJson } from '../../mcp/message/json-rpc.js';
import type { HttpContext } from './app-deps.js';
import { readBody } from './body-limit.js';
import { checkContentType } from './content-type.js';

/** The body's JSON; `{}` when there is no body at all. */
export async function readJsonBody(c: HttpContext, maxBytes: number): Promise<Json> {
  if (c.req.header('content-type') === undefined) {
    if ((await readBody(c, maxBytes)) === '') return {};
  }
  checkContentType(c);
  const parsed = parseJson(await readBody(c, maxBytes));
  if (parsed.kind === 'json') return parsed.json;
  throw new ErrandError('invalid_input', `The body cannot be read. ${parsed.message}`);
}
