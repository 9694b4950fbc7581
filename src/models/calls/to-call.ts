import { isJsonObject, type Json, type JsonSchema } from '../../core/json.js';
import type { FilePart, ModelMessage, ModelRequest, ToolResult } from '../../core/models/models.js';
import type { ModelProvider } from '../../core/models/models-config.js';
import type { FileData } from '../files/files.js';
import type { SdkAssistantPart, SdkCallOptions, SdkMessage, SdkProviderOptions } from '../provider/sdk.js';
import { isStrictSchema } from './strict-schema.js';

/** A request as the SDK's providers take it. */
export function toCall(params: {
  /** The provider's name in the configuration. */
  readonly name: string;
  readonly provider: ModelProvider;
  readonly request: ModelRequest;
  readonly files: ReadonlyMap<FilePart, FileData>;
}): SdkCallOptions {
  const { name, provider, request, files } = params;
  const { settings = {}, tools = [] } = request;
  const { api } = provider;
  const isOpenAi = api === 'openai' || api === 'openai-chat';
  const format = request.output === undefined ? PLAIN_TEXT : chooseFormat(request.output, provider, tools.length > 0);
  const system = [request.system ?? '', format.instruction].filter((text) => text !== '').join('\n\n');
  return {
    prompt: [
      ...(system === '' ? [] : [{ role: 'system' as const, content: system }]),
      ...request.messages.filter(saysSomething).map((message) => toMessage(message, files)),
    ],
    ...(settings.temperature === undefined ? {} : { temperature: settings.temperature }),
    ...(settings.maxOutputTokens === undefined ? {} : { maxOutputTokens: settings.maxOutputTokens }),
    ...(settings.topP === undefined ? {} : { topP: settings.topP }),
    ...(settings.stop === undefined ? {} : { stopSequences: [...settings.stop] }),
    ...(settings.seed === undefined ? {} : { seed: settings.seed }),
    ...format.responseFormat,
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ inputSchema, ...tool }) => ({
            type: 'function' as const,
            name: tool.name,
            description: tool.description,
            inputSchema: inputSchema as Json as SdkSchema,
            // Left out, OpenAI takes it for true and makes every property a required one.
            ...(isOpenAi ? { strict: isStrictSchema(inputSchema) } : {}),
          })),
          toolChoice: { type: request.toolChoice ?? 'auto' },
        }),
    providerOptions: toProviderOptions(name, provider, request),
  };
}

type SdkSchema = NonNullable<Extract<SdkCallOptions['responseFormat'], { readonly type: 'json' }>['schema']>;

interface Format {
  /** What the model is told about its answer's shape in words. */
  readonly instruction: string;
  readonly responseFormat: { readonly responseFormat?: NonNullable<SdkCallOptions['responseFormat']> };
}

const PLAIN_TEXT: Format = { instruction: '', responseFormat: {} };

function chooseFormat(schema: JsonSchema, provider: ModelProvider, hasTools: boolean): Format {
  const { api, structuredOutput } = provider;
  const inWords = `Answer with JSON that fits this JSON Schema, and with nothing else:\n${JSON.stringify(schema)}`;
  // The APIs take objects only, and Gemini no format beside tools.
  const isNative = schema['type'] === 'object' && structuredOutput === 'schema' && !(api === 'google' && hasTools);
  if (isNative) {
    // Whether a server of unknown making heeds the schema is not known.
    const needsWords = api === 'openai-compatible' || api === 'package';
    const responseFormat = { type: 'json' as const, schema: schema as Json as SdkSchema, name: 'answer' };
    return { instruction: needsWords ? inWords : '', responseFormat: { responseFormat } };
  }
  const isJson = structuredOutput === 'json' && schema['type'] === 'object' && api === 'openai-compatible';
  return { instruction: inWords, responseFormat: isJson ? { responseFormat: { type: 'json' } } : {} };
}

/** Under which name each API's options and metadata stand in the SDK. */
function optionsKey(name: string, { api }: ModelProvider): string {
  if (api === 'openai' || api === 'openai-chat') return 'openai';
  return api === 'anthropic' || api === 'google' ? api : name;
}

function toProviderOptions(name: string, provider: ModelProvider, request: ModelRequest): SdkProviderOptions {
  const given = request.settings?.providerOptions ?? {};
  const key = optionsKey(name, provider);
  const own: { [name: string]: Json } = {};
  // Nothing is kept at OpenAI, so that a run goes on from what Errand itself has: what the model thought comes along
  // encrypted.
  if (provider.api === 'openai') own['store'] = false;
  const takesStrict = provider.api !== 'anthropic' && provider.api !== 'google' && provider.api !== 'package';
  if (request.output !== undefined && takesStrict) own['strictJsonSchema'] = isStrictSchema(request.output);
  return { ...given, [key]: { ...own, ...given[key], ...given[name] } } as SdkProviderOptions;
}

/** An answer in which nothing stood is no message to the APIs: those of Anthropic and Google refuse it. */
function saysSomething(message: ModelMessage): boolean {
  return (
    message.role !== 'assistant' ||
    (typeof message.content === 'string' ? message.content !== '' : assistantParts(message.content).length > 0)
  );
}

function toMessage(message: ModelMessage, files: ReadonlyMap<FilePart, FileData>): SdkMessage {
  switch (message.role) {
    case 'user':
      return {
        role: 'user',
        content: message.content.map((part) =>
          part.type === 'text'
            ? { type: 'text', text: part.text }
            : {
                type: 'file',
                mediaType: part.mediaType,
                data: files.get(part) ?? '',
                ...(part.filename === undefined ? {} : { filename: part.filename }),
              },
        ),
      };
    case 'assistant':
      return { role: 'assistant', content: assistantParts(message.content) };
    case 'tool':
      return {
        role: 'tool',
        content: message.results.map((result) => ({
          type: 'tool-result' as const,
          toolCallId: result.callId,
          toolName: result.name,
          output: resultOutput(result),
        })),
      };
  }
}

/** A ModelAnswer's `assistant`, or a text that somebody puts into the model's mouth. */
function assistantParts(content: Json): SdkAssistantPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  const parts = Array.isArray(content) ? (content as Json[]) : [content];
  return parts.filter((part) => isJsonObject(part) && 'type' in part) as unknown as SdkAssistantPart[];
}

function resultOutput({ output, isError }: ToolResult) {
  if (typeof output === 'string') return { type: isError ? ('error-text' as const) : ('text' as const), value: output };
  return { type: isError ? ('error-json' as const) : ('json' as const), value: output as Json as SdkJson };
}

type SdkJson = SdkProviderOptions[string][string] extends infer Value ? NonNullable<Value> | null : never;
