import { STATUS_CODES } from 'node:http';
import { yieldIfBusy } from '../../core/event-loop.js';
import type { Json } from '../../core/json.js';
import { NodeFailure, type NodeContext } from '../../core/handlers/node-kind.js';
import type { HttpRequest } from './http-request.js';
import type { HttpSettings, StatusRange } from './http-settings.js';
import { TEXT_PIECE } from '../../core/large-json/cut-pieces.js';
import { joinInTurn } from '../../core/large-json/join-in-turn.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import { readChunks } from '../../core/text/read-bytes.js';
import { parseRetryAfter } from '../../core/time/retry-after.js';

const DEFAULT_MAX_BYTES = 1_048_576;
/** As deep as the output of a node may be. */
const MAX_DEPTH = 1_000;
const DEFAULT_STATUS = '200-299';
/** Client errors that the same request may not meet again: time-out, too early, too many requests. */
const RETRYABLE_STATUS: ReadonlySet<number> = new Set([408, 425, 429]);

interface HttpCall {
  readonly response: Response;
  readonly request: HttpRequest;
  readonly settings: HttpSettings;
}

/** Throws a NodeFailure of kind `http_4xx`, `http_429`, `http_5xx`, … for a status that is not among those expected. */
export async function assertExpected({ response, request, settings }: HttpCall): Promise<void> {
  const { status } = response;
  if (isExpected(status, settings.expect_status ?? DEFAULT_STATUS)) return;
  await response.body?.cancel();
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), Date.now());
  const name = STATUS_CODES[status];
  throw new NodeFailure(`${request.told} answered ${status}${name === undefined ? '' : ` ${name}`}`, {
    kind: status === 429 ? 'http_429' : `http_${Math.floor(status / 100)}xx`,
    retryable: status >= 500 || RETRYABLE_STATUS.has(status),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
}

function isExpected(status: number, expected: StatusRange | readonly StatusRange[]): boolean {
  return [expected].flat().some((range) => {
    const [least = '', most = least] = String(range).split('-');
    return status >= Number(least) && status <= Number(most);
  });
}

interface AnsweredCall extends HttpCall {
  readonly parseJson: NodeContext['parseJson'];
}

export async function readResponse(exchange: AnsweredCall): Promise<Json> {
  const { response } = exchange;
  const headers = new Map<string, string>();
  // Only Set-Cookie comes more than once.
  for (const [name, value] of response.headers) {
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status: response.status, headers: Object.fromEntries(headers), body: await readBody(exchange) };
}

async function readBody({ response, request, settings, parseJson }: AnsweredCall): Promise<Json> {
  const type = response.headers.get('content-type') ?? '';
  const maxBytes = settings.max_bytes ?? DEFAULT_MAX_BYTES;
  const chunks = await readChunks(response, maxBytes);
  if (chunks === null) {
    throw new NodeFailure(`${request.told} answered with more than ${maxBytes} bytes (max_bytes)`, {
      kind: 'response_too_large',
      retryable: false,
    });
  }
  const text = await decodeText(chunks, type);
  const form = settings.response ?? 'auto';
  if (text.length === 0 && form !== 'text') return null;
  const expectsJson = form === 'json' || (form === 'auto' && /^[^;]*[/+]json\s*(;|$)/i.test(type));
  if (!expectsJson) return joinKept(text, request);
  const parsed = await parseJson(text, { maxDepth: MAX_DEPTH });
  if (parsed.kind === 'json') return parsed.json;
  const isJson = parsed.reason !== 'syntax';
  const what = isJson
    ? `JSON that cannot be taken: ${parsed.message.replace(/\.$/, '')} ("response: text" gives it as text)`
    : 'a body that is not JSON';
  // What is JSON already is not likely to be other JSON the next time.
  throw new NodeFailure(`${request.told} answered with ${what}`, { kind: 'invalid_response', retryable: !isJson });
}

/** Text that is kept as it is. What is longer than any output is not put together. */
function joinKept(pieces: readonly string[], request: HttpRequest): Promise<string> {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const { output: most } = PAYLOAD_LIMITS;
  if (length <= most) return joinInTurn(pieces);
  throw new NodeFailure(`${request.told} answered with ${length} characters of text; at most ${most} are kept`, {
    kind: 'output_too_large',
    retryable: false,
  });
}

/** In pieces of so many characters or more, over as many turns of the event loop as it takes. None for no text. */
async function decodeText(chunks: readonly Uint8Array[], contentType: string): Promise<readonly string[]> {
  const decoder = createDecoder(/charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1] ?? 'utf-8');
  const pieces: string[] = [];
  let piece = '';
  for (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += TEXT_PIECE) {
      piece += decoder.decode(chunk.subarray(from, from + TEXT_PIECE), { stream: true });
      if (piece.length >= TEXT_PIECE) {
        pieces.push(piece);
        piece = '';
      }
      const turn = yieldIfBusy();
      if (turn !== null) await turn;
    }
  }
  piece += decoder.decode();
  if (piece !== '') pieces.push(piece);
  return pieces;
}

function createDecoder(charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
