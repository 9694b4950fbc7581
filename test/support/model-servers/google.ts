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

/**
 * `POST /v1beta/models/<model>:generateContent` and `:streamGenerateContent?alt=sse`. Source:
 * ai.google.dev/api/generate-content, and ai.google.dev/gemini-api/docs/thought-signatures.
 */
export const google: Dialect = {
  api: 'google',
  paths: [':streamGenerateContent', ':generateContent'],
  keyOf: (headers) => (typeof headers['x-goog-api-key'] === 'string' ? headers['x-goog-api-key'] : null),
  newId: (number, what) => (what === 'answer' ? `response-${number}` : `fc-${number}`),

  see(body, path) {
    const { functionCallingConfig: calling } = fieldsOf(body['toolConfig']);
    const mode = fieldsOf(calling)['mode'];
    const system = textIn(fieldsOf(body['systemInstruction']));
    return {
      model: /\/models\/([^/:]+):/.exec(path)?.[1] ?? '',
      system: system === '' ? null : system,
      messages: listOf(body['contents']).map(fieldsOf).flatMap(seeContent),
      tools: listOf(body['tools'])
        .flatMap((tool) => listOf(fieldsOf(tool)['functionDeclarations']))
        .map((declaration) => {
          const { name, description, parameters, parametersJsonSchema } = fieldsOf(declaration);
          return {
            name: textOf(name),
            description: textOf(description),
            inputSchema: (parameters ?? parametersJsonSchema ?? {}) as JsonSchema,
          };
        }),
      toolChoice: typeof mode === 'string' ? mode : null,
      schema: (fieldsOf(body['generationConfig'])['responseSchema'] ?? null) as JsonSchema | null,
      stream: path.endsWith(':streamGenerateContent'),
    };
  },

  faultIn({ contents }, { model }) {
    for (const [index, content] of listOf(contents).map(fieldsOf).entries()) {
      const parts = listOf(content['parts']).map(fieldsOf);
      if (parts.length === 0) {
        return `* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.`;
      }
      const call = parts.find(({ functionCall }) => functionCall !== undefined);
      if (isGemini3(model) && call !== undefined && call['thoughtSignature'] === undefined) {
        return 'Function call is missing a thought_signature in functionCall parts.';
      }
    }
    return null;
  },

  whole: (answer) => responseOf(answer, { parts: partsOf(answer).flat(), ended: true, output: 'all' }),

  stream(answer) {
    const groups = partsOf(answer);
    if (isBlocked(answer) || groups.length === 0) groups.push([]);
    return groups.map((parts, index): ServerEvent => {
      const ended = index === groups.length - 1;
      return { data: JSON.stringify(responseOf(answer, { parts, ended, output: ended ? 'all' : 'none' })) };
    });
  },

  error: errorBody,
  streamError: (error) => ({ data: JSON.stringify(errorBody(error)) }),
};

/** Those give ids to their calls of tools and want their signatures back. */
function isGemini3(model: string): boolean {
  return !model.startsWith('gemini-2');
}

/** Google refuses a prompt before any model has answered it. */
function isBlocked({ finish, text, toolCalls, refusal }: WholeAnswer): boolean {
  return finish === 'content_filter' && text === '' && toolCalls.length === 0 && refusal === null;
}

/** Arguments are an object here and no text: what a model writes that is none never gets out. */
function isMalformed({ toolCalls }: WholeAnswer): boolean {
  return toolCalls.some(({ input }) => Object.keys(fieldsOf(parseInput(input))).length === 0 && input !== '{}');
}

/** The parts of the answer, by the events of a stream in which they come. */
function partsOf(answer: WholeAnswer): Json[][] {
  const { reasoning, pieces, toolCalls } = answer;
  if (isMalformed(answer)) return [];
  const signature = { thoughtSignature: `signed:${answer.id}` };
  const thoughts = reasoning === null ? [] : cutInto(reasoning, 2);
  const isSigned = toolCalls.length === 0 && reasoning !== null;
  const calls = toolCalls.map(({ id, name, input }, index) => ({
    functionCall: { ...(isGemini3(answer.model) ? { id } : {}), name, args: parseInput(input) },
    // Of calls side by side, the first has it for all.
    ...(index === 0 && (isGemini3(answer.model) || reasoning !== null) ? signature : {}),
  }));
  return [
    ...thoughts.map((text) => [{ text, thought: true }]),
    ...pieces.map((text) => [{ text }]),
    ...(isSigned ? [[{ text: '', ...signature }]] : []),
    ...(calls.length === 0 ? [] : [calls]),
  ];
}

function responseOf(
  answer: WholeAnswer,
  { parts, ended, output }: { readonly parts: Json[]; readonly ended: boolean; readonly output: 'all' | 'none' },
): Json {
  const shared = { modelVersion: answer.model, responseId: answer.id };
  if (isBlocked(answer)) {
    const { input } = answer.usage;
    return {
      promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
      usageMetadata: { promptTokenCount: input, totalTokenCount: input },
      ...shared,
    };
  }
  return {
    candidates: [
      {
        content: parts.length === 0 ? {} : { parts, role: 'model' },
        ...(ended ? endOf(answer) : {}),
        index: 0,
      },
    ],
    usageMetadata: usageOf(answer, output),
    ...shared,
  };
}

function endOf(answer: WholeAnswer): { readonly [name: string]: Json } {
  const [call] = answer.toolCalls;
  if (isMalformed(answer)) {
    return {
      finishReason: 'MALFORMED_FUNCTION_CALL',
      finishMessage: `Malformed function call: ${call?.name}(${call?.input}`,
    };
  }
  if (answer.refusal !== null) return { finishReason: 'SAFETY', finishMessage: answer.refusal };
  if (answer.finish === 'content_filter') return { finishReason: 'SAFETY', safetyRatings: SAFETY_RATINGS };
  return { finishReason: answer.finish === 'length' ? 'MAX_TOKENS' : 'STOP' };
}

const SAFETY_RATINGS: Json = [{ category: 'HARM_CATEGORY_DANGEROUS_CONTENT', probability: 'HIGH', blocked: true }];

/** Thoughts are counted apart from the answer. The last event of a stream has what the whole used. */
function usageOf({ usage, reasoning }: WholeAnswer, output: 'all' | 'none'): Json {
  const counted = output === 'all' ? usage.output : 0;
  const thoughts = reasoning === null ? 0 : Math.floor(counted / 2);
  return {
    promptTokenCount: usage.input,
    ...(counted === 0 ? {} : { candidatesTokenCount: counted - thoughts }),
    ...(thoughts === 0 ? {} : { thoughtsTokenCount: thoughts }),
    totalTokenCount: usage.input + counted,
    ...(usage.cached === 0 ? {} : { cachedContentTokenCount: usage.cached }),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: usage.input }],
  };
}

/** Source: ai.google.dev/gemini-api/docs/troubleshooting, google/rpc/code.proto. */
const STATUSES: { readonly [status: number]: string } = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

function errorBody({ status, message, details }: ErrorAnswer & { readonly message: string }): Json {
  return {
    error: {
      code: status,
      message,
      status: STATUSES[status] ?? 'UNKNOWN',
      ...(details === undefined ? {} : { details }),
    },
  };
}

function textIn({ parts }: Fields): string {
  return listOf(parts)
    .map(fieldsOf)
    .map(({ text, thought }) => (thought === true ? '' : textOf(text)))
    .join('');
}

/** Results of tools stand in the user's content here; they are shown as a message of their own. */
function seeContent(content: Fields): SeenMessage[] {
  const parts = listOf(content['parts']).map(fieldsOf);
  const toolResults = parts.flatMap(({ functionResponse }) => {
    if (functionResponse === undefined) return [];
    const { id, response } = fieldsOf(functionResponse);
    const output = fieldsOf(response)['content'];
    return [{ callId: textOf(id), output: typeof output === 'string' ? output : JSON.stringify(output) }];
  });
  const seen: SeenMessage[] = [];
  if (toolResults.length > 0) seen.push({ role: 'tool', text: '', toolCalls: [], toolResults, files: [] });
  if (parts.length > toolResults.length || parts.length === 0) {
    seen.push({
      role: content['role'] === 'model' ? 'assistant' : 'user',
      text: textIn(content),
      toolCalls: parts.flatMap(({ functionCall }) => {
        const { id, name, args } = fieldsOf(functionCall);
        return functionCall === undefined ? [] : [{ id: textOf(id), name: textOf(name), input: args ?? null }];
      }),
      toolResults: [],
      files: parts.flatMap(({ inlineData, fileData }) => {
        const { mimeType, data } = fieldsOf(inlineData);
        if (fileData !== undefined) return [textOf(fieldsOf(fileData)['fileUri'])];
        return inlineData === undefined ? [] : [`data:${textOf(mimeType)};base64,${textOf(data)}`];
      }),
    });
  }
  return seen;
}
