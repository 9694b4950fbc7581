import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import { errorText, rpcError, type RequestId } from '../../mcp/message/json-rpc.js';
import { oneLine } from './one-line.js';

const MAX_SHOWN_LENGTH = 300;

/** Reads the answer to one message as one line of JSON; null when there is none: a notification has no answer. */
export async function readAnswer(
  response: Response,
  { url, id }: { readonly url: string; readonly id: RequestId | null },
): Promise<string | null> {
  const text = await response.text();
  if (text === '' && response.ok) return null;
  const json = parse(text);
  if (isAnswer(json)) {
    // A server that refuses a body unread answers without an id, and the host could not tell to which request.
    if (response.status === 401) return JSON.stringify(withAdvice({ ...json, id: json['id'] ?? id }));
    return json['id'] === null || json['id'] === undefined ? JSON.stringify({ ...json, id }) : oneLine(text, json);
  }
  if (Array.isArray(json) && json.length > 0 && json.every(isAnswer)) return oneLine(text, json);
  const said = isJsonObject(json) && isJsonObject(json['error']) ? json['error']['message'] : null;
  const message =
    typeof said === 'string'
      ? `The server at ${url} refuses (HTTP ${response.status}): ${said.slice(0, MAX_SHOWN_LENGTH)}`
      : `What answers at ${url} (HTTP ${response.status}) does not speak as an Errand server does. Check --url.`;
  return errorText(id, rpcError('internalError', message, { code: 'unavailable' }));
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

function isAnswer(json: unknown): json is JsonObject {
  return isJsonObject(json) && json['jsonrpc'] === '2.0' && ('result' in json || 'error' in json);
}

function withAdvice(answer: JsonObject): JsonObject {
  const { error } = answer;
  if (!isJsonObject(error) || typeof error['message'] !== 'string') return answer;
  const message = `${error['message']} Set ERRAND_API_KEY to a key of that server.`;
  return { ...answer, error: { ...error, message } };
}
