import type { Json, JsonSchema } from '../../../src/core/json.js';
import {
  cutInto,
  type Dialect,
  type ErrorAnswer,
  type Fields,
  fieldsOf,
  listOf,
  type SeenMessage,
  type ServerEvent,
  textOf,
  type WholeAnswer,
} from './answers.js';
import { parseInput } from './openai-shared.js';

/** Under this name the AI SDK gives models that know no output formats a tool to answer with. */
const ANSWER_TOOL = 'json';

/** `POST /v1/messages`. Source: docs.claude.com/en/api/messages and messages-streaming. */
export const anthropic: Dialect = {
  api: 'anthropic',
  paths: ['/messages'],
  keyOf: (headers) => (typeof headers['x-api-key'] === 'string' ? headers['x-api-key'] : null),
  newId: (number, what) => (what === 'answer' ? `msg_${number}` : `toolu_${number}`),

  see(body) {
    const tools = listOf(body['tools']).map((tool) => {
      const { name, description, input_schema: schema } = fieldsOf(tool);
      return { name: textOf(name), description: textOf(description), inputSchema: (schema ?? {}) as JsonSchema };
    });
    const format = fieldsOf(fieldsOf(body['output_config'])['format'] ?? body['output_format']);
    const choice = fieldsOf(body['tool_choice'])['type'];
    const system = textIn(body['system']);
    return {
      model: textOf(body['model']),
      system: system === '' ? null : system,
      messages: listOf(body['messages']).map(fieldsOf).flatMap(seeMessage),
      tools: tools.filter(({ name }) => name !== ANSWER_TOOL),
      toolChoice: typeof choice === 'string' ? choice : null,
      schema: (format['schema'] ??
        tools.find(({ name }) => name === ANSWER_TOOL)?.inputSchema ??
        null) as JsonSchema | null,
      stream: body['stream'] === true,
    };
  },

  faultIn({ messages }) {
    const all = listOf(messages).map(fieldsOf);
    const empty = all.findIndex(({ content }) => listOf(content).length === 0 && textOf(content) === '');
    if (empty < 0 || (empty === all.length - 1 && all[empty]?.['role'] === 'assistant')) return null;
    return `messages.${empty}: all messages must have non-empty content except for the optional final assistant message`;
  },

  whole(answer, body) {
    return {
      id: answer.id,
      type: 'message',
      role: 'assistant',
      model: answer.model,
      content: blocksOf(answer, body).map((block) =>
        block.type === 'tool_use' ? { ...block, input: parseInput(textOf(block['input'])) } : block,
      ),
      stop_reason: stopReason(answer),
      stop_sequence: null,
      usage: usageOf(answer, answer.usage.output),
    };
  },

  stream(answer, body) {
    const events: ServerEvent[] = [];
    const send = (type: string, fields: { readonly [name: string]: Json } = {}): void => {
      events.push({ event: type, data: JSON.stringify({ type, ...fields }) });
    };
    send('message_start', {
      message: {
        id: answer.id,
        type: 'message',
        role: 'assistant',
        model: answer.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: usageOf(answer, 1),
      },
    });
    for (const [index, block] of blocksOf(answer, body).entries()) {
      streamBlock({ block, index, answer, send });
      if (index === 0) send('ping');
    }
    send('message_delta', {
      delta: { stop_reason: stopReason(answer), stop_sequence: null },
      usage: { output_tokens: answer.usage.output },
    });
    send('message_stop');
    return events;
  },

  error: errorBody,
  streamError: (error) => ({ event: 'error', data: JSON.stringify(errorBody(error)) }),
};

/** `input` of a tool_use is JSON text here. */
type Block = { readonly type: 'thinking' | 'text' | 'tool_use'; readonly [name: string]: Json };

function blocksOf(answer: WholeAnswer, body: Fields): Block[] {
  const blocks: Block[] = [];
  if (answer.reasoning !== null) {
    blocks.push({ type: 'thinking', thinking: answer.reasoning, signature: `signed:${answer.id}` });
  }
  const words = answer.text ?? answer.refusal;
  const input = words === null ? null : answerInput(words, body);
  if (input !== null) blocks.push({ type: 'tool_use', id: `toolu_${answer.id}`, name: ANSWER_TOOL, input });
  else if (words !== null && words !== '') blocks.push({ type: 'text', text: words });
  for (const call of answer.toolCalls) {
    blocks.push({ type: 'tool_use', id: call.id, name: call.name, input: call.input });
  }
  return blocks;
}

/** The input for the answering tool, when it was offered and what is said fits into it. */
function answerInput(words: string, body: Fields): string | null {
  if (!listOf(body['tools']).some((tool) => fieldsOf(tool)['name'] === ANSWER_TOOL)) return null;
  return words.trimStart().startsWith('{') ? words : null;
}

function stopReason(answer: WholeAnswer): string {
  if (answer.refusal !== null || answer.finish === 'content_filter') return 'refusal';
  if (answer.finish === 'length') return 'max_tokens';
  return answer.finish === 'tool_calls' ? 'tool_use' : 'end_turn';
}

function usageOf({ usage }: WholeAnswer, output: number): Json {
  return {
    input_tokens: usage.input - usage.cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: usage.cached,
    output_tokens: output,
    service_tier: 'standard',
  };
}

function streamBlock(params: {
  readonly block: Block;
  readonly index: number;
  readonly answer: WholeAnswer;
  readonly send: (type: string, fields: { readonly [name: string]: Json }) => void;
}): void {
  const { block, index, answer, send } = params;
  const delta = (fields: Json): void => send('content_block_delta', { index, delta: fields });
  if (block.type === 'thinking') {
    send('content_block_start', { index, content_block: { type: 'thinking', thinking: '', signature: '' } });
    for (const thinking of cutInto(textOf(block['thinking']), 2)) delta({ type: 'thinking_delta', thinking });
    delta({ type: 'signature_delta', signature: textOf(block['signature']) });
  } else if (block.type === 'text') {
    send('content_block_start', { index, content_block: { type: 'text', text: '' } });
    const pieces = answer.text === null ? cutInto(textOf(block['text']), 3) : answer.pieces;
    for (const text of pieces) delta({ type: 'text_delta', text });
  } else {
    const { id, name } = block;
    send('content_block_start', {
      index,
      content_block: { type: 'tool_use', id: id ?? '', name: name ?? '', input: {} },
    });
    delta({ type: 'input_json_delta', partial_json: '' });
    for (const piece of cutInto(textOf(block['input']), 3)) delta({ type: 'input_json_delta', partial_json: piece });
  }
  send('content_block_stop', { index });
}

/** Source: docs.claude.com/en/api/errors. */
const TYPES: { readonly [status: number]: string } = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
};

function errorBody(error: ErrorAnswer & { readonly message: string }): Json {
  const type = error.type ?? TYPES[error.status] ?? 'api_error';
  return { type: 'error', error: { type, message: error.message }, request_id: 'req_1' };
}

function textIn(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => textOf(fieldsOf(part)['text']))
    .join('');
}

/** Results of tools stand in the user's message here; they are shown as a message of their own. */
function seeMessage(message: Fields): SeenMessage[] {
  const parts = listOf(message['content']).map(fieldsOf);
  const results = parts.filter(({ type }) => type === 'tool_result');
  const toolResults = results.map((part) => {
    const output = typeof part['content'] === 'string' ? part['content'] : textIn(part['content']);
    return { callId: textOf(part['tool_use_id']), output };
  });
  const seen: SeenMessage[] = [];
  if (toolResults.length > 0) seen.push({ role: 'tool', text: '', toolCalls: [], toolResults, files: [] });
  if (parts.length > results.length || parts.length === 0) {
    seen.push({
      role: message['role'] === 'assistant' ? 'assistant' : 'user',
      text: textIn(message['content']),
      toolCalls: parts
        .filter(({ type }) => type === 'tool_use')
        .map(({ id, name, input }) => ({ id: textOf(id), name: textOf(name), input: input ?? null })),
      toolResults: [],
      files: parts.flatMap(({ source }) => {
        const { type, url, media_type: mediaType, data } = fieldsOf(source);
        if (type === 'url') return [textOf(url)];
        return type === 'base64' ? [`data:${textOf(mediaType)};base64,${textOf(data)}`] : [];
      }),
    });
  }
  return seen;
}
