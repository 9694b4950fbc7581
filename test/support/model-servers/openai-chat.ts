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

/** `POST /v1/chat/completions`. Source: platform.openai.com/docs/api-reference/chat. */
export const openAiChat: Dialect = {
  api: 'openai-chat',
  paths: ['/chat/completions'],
  keyOf: bearerOf,
  newId: (number, what) => (what === 'answer' ? `chatcmpl-${number}` : `call_${number}`),

  see(body) {
    const messages = listOf(body['messages']).map(fieldsOf);
    const system = messages.filter(({ role }) => role === 'system' || role === 'developer').map(contentText);
    const format = fieldsOf(body['response_format']);
    return {
      model: textOf(body['model']),
      system: system.length === 0 ? null : system.join('\n'),
      messages: messages.filter(({ role }) => role !== 'system' && role !== 'developer').map(seeMessage),
      tools: listOf(body['tools']).map((tool) => {
        const described = fieldsOf(fieldsOf(tool)['function']);
        return {
          name: textOf(described['name']),
          description: textOf(described['description']),
          inputSchema: (described['parameters'] ?? {}) as JsonSchema,
        };
      }),
      toolChoice: typeof body['tool_choice'] === 'string' ? body['tool_choice'] : null,
      schema: (fieldsOf(format['json_schema'])['schema'] ?? null) as JsonSchema | null,
      stream: body['stream'] === true,
    };
  },

  whole: (answer) => ({
    id: answer.id,
    object: 'chat.completion',
    created: answer.created,
    model: answer.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: answer.text,
          refusal: answer.refusal,
          ...(answer.reasoning === null ? {} : { reasoning_content: answer.reasoning }),
          ...(answer.toolCalls.length === 0
            ? {}
            : {
                tool_calls: answer.toolCalls.map(({ id, name, input }) => ({
                  id,
                  type: 'function',
                  function: { name, arguments: input },
                })),
              }),
          annotations: [],
        },
        logprobs: null,
        finish_reason: answer.finish,
      },
    ],
    usage: usageOf(answer),
    service_tier: 'default',
    system_fingerprint: 'fp_1',
  }),

  stream(answer, body) {
    const events: ServerEvent[] = [];
    const send = (choices: Json, usage: Json = null): void => {
      const chunk = {
        id: answer.id,
        object: 'chat.completion.chunk',
        created: answer.created,
        model: answer.model,
        service_tier: 'default',
        system_fingerprint: 'fp_1',
        choices,
        usage,
      };
      events.push({ data: JSON.stringify(chunk) });
    };
    const delta = (fields: Json, finish: string | null = null): void =>
      send([{ index: 0, delta: fields, logprobs: null, finish_reason: finish }]);
    delta({ role: 'assistant', content: '', refusal: null });
    if (answer.reasoning !== null) delta({ reasoning_content: answer.reasoning });
    for (const piece of answer.pieces) delta({ content: piece });
    if (answer.refusal !== null) for (const piece of cutInto(answer.refusal, 3)) delta({ refusal: piece });
    for (const [index, { id, name, input }] of answer.toolCalls.entries()) {
      delta({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] });
      for (const piece of cutInto(input, 3)) delta({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
    delta({}, answer.finish);
    if (fieldsOf(body['stream_options'])['include_usage'] === true) send([], usageOf(answer));
    events.push({ data: '[DONE]' });
    return events;
  },

  error: openAiError,
  streamError: (error) => ({ data: JSON.stringify(openAiError(error)) }),
};

function usageOf({ usage }: WholeAnswer): Json {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function contentText(message: Fields): string {
  if (typeof message['content'] === 'string') return message['content'];
  return listOf(message['content'])
    .map((part) => textOf(fieldsOf(part)['text']))
    .join('');
}

function seeMessage(message: Fields): SeenMessage {
  const text = contentText(message);
  if (message['role'] === 'tool') {
    const callId = textOf(message['tool_call_id']);
    return { role: 'tool', text: '', toolCalls: [], toolResults: [{ callId, output: text }], files: [] };
  }
  return {
    role: message['role'] === 'assistant' ? 'assistant' : 'user',
    text,
    toolCalls: listOf(message['tool_calls']).map((call) => {
      const { id, function: called } = fieldsOf(call);
      const { name, arguments: input } = fieldsOf(called);
      return { id: textOf(id), name: textOf(name), input: parseInput(textOf(input)) };
    }),
    toolResults: [],
    files: listOf(message['content']).flatMap((part) => {
      const { image_url: image, file } = fieldsOf(part);
      return [fieldsOf(image)['url'], fieldsOf(file)['file_data']].filter((url) => typeof url === 'string');
    }),
  };
}
