import type { Json, JsonSchema } from '../../../src/core/json.js';
import {
  cutInto,
  type Dialect,
  type Fields,
  fieldsOf,
  listOf,
  type SeenMessage,
  type ServerEvent,
  textOf,
  type WholeAnswer,
} from './answers.js';
import { bearerOf, openAiError, parseInput } from './openai-shared.js';

/** `POST /v1/responses`. Source: platform.openai.com/docs/api-reference/responses and responses-streaming. */
export const openAiResponses: Dialect = {
  api: 'openai-responses',
  paths: ['/responses'],
  keyOf: bearerOf,
  newId: (number, what) => (what === 'answer' ? `resp_${number}` : `call_${number}`),

  see(body) {
    const items =
      typeof body['input'] === 'string'
        ? [fieldsOf({ role: 'user', content: [{ type: 'input_text', text: body['input'] }] })]
        : listOf(body['input']).map(fieldsOf);
    const isSystem = ({ role }: Fields): boolean => role === 'system' || role === 'developer';
    const system = [textOf(body['instructions']), ...items.filter(isSystem).map(contentText)].filter((t) => t !== '');
    const format = fieldsOf(fieldsOf(body['text'])['format']);
    return {
      model: textOf(body['model']),
      system: system.length === 0 ? null : system.join('\n'),
      messages: items.filter((item) => !isSystem(item)).flatMap(seeItem),
      tools: listOf(body['tools']).map((tool) => {
        const { name, description, parameters } = fieldsOf(tool);
        return {
          name: textOf(name),
          description: textOf(description),
          inputSchema: (parameters ?? {}) as JsonSchema,
        };
      }),
      toolChoice: typeof body['tool_choice'] === 'string' ? body['tool_choice'] : null,
      schema: (format['schema'] ?? null) as JsonSchema | null,
      stream: body['stream'] === true,
    };
  },

  whole: (answer) => responseOf(answer, 'end'),

  stream(answer) {
    const events: ServerEvent[] = [];
    const send = (type: string, fields: { readonly [name: string]: Json }): void => {
      events.push({ event: type, data: JSON.stringify({ type, sequence_number: events.length, ...fields }) });
    };
    send('response.created', { response: responseOf(answer, 'begin') });
    send('response.in_progress', { response: responseOf(answer, 'begin') });
    for (const [index, item] of itemsOf(answer).entries()) streamItem({ item, index, answer, send });
    send(isIncomplete(answer) ? 'response.incomplete' : 'response.completed', { response: responseOf(answer, 'end') });
    return events;
  },

  error: openAiError,
  streamError(error) {
    const { code, message } = fieldsOf(fieldsOf(openAiError(error))['error']);
    return {
      event: 'error',
      data: JSON.stringify({ type: 'error', sequence_number: 99, code, message, param: null }),
    };
  },
};

function isIncomplete({ finish }: WholeAnswer): boolean {
  return finish === 'length' || finish === 'content_filter';
}

type Item = { readonly type: 'reasoning' | 'message' | 'function_call'; readonly [name: string]: Json };

function itemsOf(answer: WholeAnswer): Item[] {
  const items: Item[] = [];
  if (answer.reasoning !== null) {
    items.push({
      id: `rs_${answer.id}`,
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: answer.reasoning }],
      encrypted_content: `encrypted:${answer.id}`,
    });
  }
  if (answer.text !== null || answer.refusal !== null) {
    const part: Json =
      answer.refusal === null
        ? { type: 'output_text', text: answer.text, annotations: [], logprobs: [] }
        : { type: 'refusal', refusal: answer.refusal };
    items.push({
      id: `msg_${answer.id}`,
      type: 'message',
      status: isIncomplete(answer) ? 'incomplete' : 'completed',
      role: 'assistant',
      content: [part],
    });
  }
  for (const { id, name, input } of answer.toolCalls) {
    items.push({ id: `fc_${id}`, type: 'function_call', status: 'completed', call_id: id, name, arguments: input });
  }
  return items;
}

function streamItem(params: {
  readonly item: Item;
  readonly index: number;
  readonly answer: WholeAnswer;
  readonly send: (type: string, fields: { readonly [name: string]: Json }) => void;
}): void {
  const { item, index, answer, send } = params;
  const at = { item_id: textOf(item['id']), output_index: index };
  if (item.type === 'reasoning') {
    const text = answer.reasoning ?? '';
    send('response.output_item.added', { output_index: index, item: { ...item, summary: [] } });
    send('response.reasoning_summary_part.added', {
      ...at,
      summary_index: 0,
      part: { type: 'summary_text', text: '' },
    });
    for (const delta of cutInto(text, 2))
      send('response.reasoning_summary_text.delta', { ...at, summary_index: 0, delta });
    send('response.reasoning_summary_text.done', { ...at, summary_index: 0, text });
    send('response.reasoning_summary_part.done', { ...at, summary_index: 0, part: { type: 'summary_text', text } });
  } else if (item.type === 'message') {
    const refused = answer.refusal !== null;
    const where = { ...at, content_index: 0 };
    send('response.output_item.added', { output_index: index, item: { ...item, status: 'in_progress', content: [] } });
    const empty = refused ? { type: 'refusal', refusal: '' } : { type: 'output_text', text: '', annotations: [] };
    send('response.content_part.added', { ...where, part: empty });
    for (const delta of refused ? cutInto(answer.refusal, 3) : answer.pieces) {
      if (refused) send('response.refusal.delta', { ...where, delta });
      else send('response.output_text.delta', { ...where, delta, logprobs: [], obfuscation: 'x' });
    }
    if (refused) send('response.refusal.done', { ...where, refusal: answer.refusal });
    else send('response.output_text.done', { ...where, text: answer.text ?? '', logprobs: [] });
    send('response.content_part.done', { ...where, part: listOf(item['content'])[0] ?? null });
  } else {
    const input = textOf(item['arguments']);
    send('response.output_item.added', {
      output_index: index,
      item: { ...item, status: 'in_progress', arguments: '' },
    });
    for (const delta of cutInto(input, 3)) send('response.function_call_arguments.delta', { ...at, delta });
    send('response.function_call_arguments.done', { ...at, arguments: input });
  }
  send('response.output_item.done', { output_index: index, item });
}

function responseOf(answer: WholeAnswer, at: 'begin' | 'end'): Json {
  const ended = at === 'end';
  const { usage } = answer;
  return {
    id: answer.id,
    object: 'response',
    created_at: answer.created,
    status: ended ? (isIncomplete(answer) ? 'incomplete' : 'completed') : 'in_progress',
    error: null,
    incomplete_details:
      ended && isIncomplete(answer)
        ? { reason: answer.finish === 'length' ? 'max_output_tokens' : 'content_filter' }
        : null,
    model: answer.model,
    output: ended ? itemsOf(answer) : [],
    parallel_tool_calls: true,
    store: true,
    usage: ended
      ? {
          input_tokens: usage.input,
          input_tokens_details: { cached_tokens: usage.cached },
          output_tokens: usage.output,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: usage.input + usage.output,
        }
      : null,
  };
}

function contentText({ content }: Fields): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => textOf(fieldsOf(part)['text']))
    .join('');
}

function seeItem(item: Fields): SeenMessage[] {
  const nothing = { text: '', toolCalls: [], toolResults: [], files: [] };
  if (item['type'] === 'function_call') {
    const call = {
      id: textOf(item['call_id']),
      name: textOf(item['name']),
      input: parseInput(textOf(item['arguments'])),
    };
    return [{ role: 'assistant', ...nothing, toolCalls: [call] }];
  }
  if (item['type'] === 'function_call_output') {
    const { output } = item;
    const text = typeof output === 'string' ? output : JSON.stringify(output);
    return [{ role: 'tool', ...nothing, toolResults: [{ callId: textOf(item['call_id']), output: text }] }];
  }
  if (item['role'] === undefined) return []; // reasoning, references to items
  const files = listOf(item['content']).flatMap((part) => {
    const { image_url: image, file_url: url, file_data: data } = fieldsOf(part);
    return [image, url, data].filter((found) => typeof found === 'string');
  });
  return [{ ...nothing, role: item['role'] === 'assistant' ? 'assistant' : 'user', text: contentText(item), files }];
}
