import { isJsonObject, type JsonObject } from '../../core/json.js';
import type { Message } from '../../mcp/message/json-rpc.js';
import { findNameParam } from '../../mcp/protocol/stateless/headers.js';
import { META } from '../../mcp/protocol/stateless/names.js';

const PLAIN = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' } as const;

/** The headers that a message over HTTP has, as it has none over standard input. Null: a batch. */
export function requestHeaders(message: Message | null, revision: string | null): Record<string, string> {
  if (message?.kind === 'request') {
    const { method, params } = message;
    const meta = params['_meta'];
    const claim = isJsonObject(meta) ? meta[META.protocolVersion] : undefined;
    if (claim !== undefined) {
      return {
        ...PLAIN,
        // One that is no text is refused for that, whatever the header says.
        ...(typeof claim === 'string' ? { 'mcp-protocol-version': headerValue(claim) } : {}),
        'mcp-method': headerValue(method),
        ...nameHeader(method, params),
      };
    }
    if (method === 'initialize') return PLAIN;
  }
  return { ...PLAIN, ...(revision === null ? {} : { 'mcp-protocol-version': revision }) };
}

function nameHeader(method: string, params: JsonObject): Record<string, string> {
  const param = findNameParam(method);
  const name = param === null ? null : params[param];
  return typeof name === 'string' ? { 'mcp-name': encodeHeader(name) } : {};
}

/** As the protocol has it: what a header cannot carry as it stands goes as base64. */
function encodeHeader(value: string): string {
  const plain = /^[\x21-\x7E](?:[\x20-\x7E]*[\x21-\x7E])?$/.test(value) && !value.startsWith('=?base64?');
  return plain ? value : `=?base64?${Buffer.from(value, 'utf8').toString('base64')}?=`;
}

/** For values that are never encoded: what cannot be sent is none that the server knows, and so it may be any such. */
function headerValue(value: string): string {
  return value.replaceAll(/[^\x20-\x7E]/g, '?').trim();
}
