import { createHash } from 'node:crypto';
import { ErrandError } from '../../core/errors.js';
import type { Json, JsonObject } from '../../core/json.js';
import { parseCallerJson } from '../../core/text/parse-json.js';
import type { ReceivedDelivery } from './signatures/parse-signatures.js';

/** What the templates of a hook read of a delivery. */
export interface DeliveryView {
  /** JSON as it is, a form as an object, other text as a text; null when it is empty. */
  readonly body: Json;
  /** By their names in lower case. */
  readonly headers: { readonly [name: string]: string };
  readonly query: JsonObject;
  /** SHA-256 of the body as it came, hex. */
  readonly body_hash: string;
}

/** What shows who somebody is, or lets others in. */
const LEFT_OUT: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie', '__proto__']);

/**
 * Throws `invalid_input`, `payload_too_large` or `unsupported_media_type` for what cannot be read. `secretHeader`: one
 * that holds a secret, and is not shown.
 */
export function readDelivery(
  { headers, body, query }: ReceivedDelivery & { readonly query: string },
  secretHeader: string | null,
): DeliveryView {
  const shown = Object.entries(headers).filter(([name]) => !LEFT_OUT.has(name) && name !== secretHeader);
  return {
    body: readBody(headers, body),
    headers: Object.fromEntries(shown),
    query: readForm(query),
    body_hash: createHash('sha256').update(body).digest('hex'),
  };
}

function readBody(headers: ReceivedDelivery['headers'], bytes: Buffer): Json {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity')
    throw unsupported(`The body must not be compressed; its Content-Encoding is ${show(encoding)}.`);
  if (bytes.length === 0) return null;
  const type = headers['content-type'] ?? '';
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1]?.toLowerCase() ?? 'utf-8';
  if (!['utf-8', 'utf8', 'us-ascii'].includes(charset))
    throw unsupported(`The body must be in UTF-8, not ${show(charset)}.`);
  const text = decode(bytes);
  const kind = type.split(';')[0]?.trim().toLowerCase() ?? '';
  if (kind === 'application/x-www-form-urlencoded') return readFormBody(text);
  if (kind === 'application/json' || kind.endsWith('+json')) return readJson(text);
  if (kind.startsWith('text/')) return text;
  if (kind === '' || kind === 'application/octet-stream') return readJsonOrText(text);
  throw unsupported(`The body must be JSON, a form or text, not ${show(kind)}.`);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ErrandError('invalid_input', 'The body is not UTF-8.', { cause });
  }
}

function readJson(text: string): Json {
  const parsed = parseCallerJson(text);
  if (parsed.kind === 'json') return parsed.json;
  const code = parsed.reason === 'size' ? 'payload_too_large' : 'invalid_input';
  throw new ErrandError(code, `The body cannot be read. ${parsed.message}`);
}

/** Of a body that says nothing of what it is. */
function readJsonOrText(text: string): Json {
  const parsed = parseCallerJson(text);
  return parsed.kind === 'json' ? parsed.json : text;
}

/** GitHub and Slack send forms whose one field, `payload`, holds JSON. */
function readFormBody(text: string): Json {
  const form = readForm(text);
  const { payload } = form;
  if (Object.keys(form).length !== 1 || typeof payload !== 'string') return form;
  return { payload: readJsonOrText(payload) };
}

const MAX_FORM_FIELDS = 1_000;

/** A field that comes more than once is a list. */
function readForm(text: string): JsonObject {
  const fields = new Map<string, Json>();
  let count = 0;
  for (const [name, value] of new URLSearchParams(text)) {
    count += 1;
    if (count > MAX_FORM_FIELDS)
      throw new ErrandError('payload_too_large', `A form may have ${MAX_FORM_FIELDS} fields.`);
    const earlier = fields.get(name);
    if (earlier === undefined) fields.set(name, value);
    else fields.set(name, Array.isArray(earlier) ? [...(earlier as readonly Json[]), value] : [earlier, value]);
  }
  return Object.fromEntries(fields);
}

function unsupported(message: string): ErrandError {
  return new ErrandError('unsupported_media_type', message);
}

function show(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
